import XCTest
import Augur
final class SmokeTest: XCTestCase { func testVersion() { XCTAssertEqual(AugurLibrary.version, "0.4.0") } }
