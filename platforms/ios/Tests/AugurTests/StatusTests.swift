// Every status reaches Swift as an AugurError with its message.
import Augur
import CAugur
import XCTest

final class StatusTests: XCTestCase {
  func testStatusesAreThoseOfTheHeader() throws {
    let header = try String(
      contentsOf: Fixtures.root.appendingPathComponent("runtime/include/augur/augur.h"),
      encoding: .utf8)
    let body = header.components(separatedBy: "typedef enum augur_status {")[1]
      .components(separatedBy: "} augur_status;")[0]
    var numbers: [UInt32] = []
    for line in body.components(separatedBy: "\n") where line.contains("AUGUR_") && line.contains(" = ") {
      let number = line.components(separatedBy: " = ")[1].prefix { $0.isNumber }
      numbers.append(UInt32(number)!)
    }
    let own = AugurStatus.allCases.filter { $0 != .sessionInUse }
    XCTAssertEqual(own.map(\.rawValue), numbers)
    XCTAssertEqual(Set(AugurStatus.allCases.map(\.name)).count, numbers.count + 1)
    XCTAssertEqual(AugurStatus.outOfRange.name, "out of range")
    XCTAssertEqual(AugurStatus.sessionInUse.name, "session in use")
  }

  func testErrorsDescribeThemselves() {
    let error = AugurError(.badModel, "the file is cut short")
    XCTAssertEqual(error.description, "\(AugurStatus.badModel.name): the file is cut short")
    XCTAssertEqual(error.localizedDescription, error.description)
    XCTAssertEqual(error.requiredBytes, 0)
  }

  func testTheLibraryIsOfThisHeader() {
    XCTAssertTrue(AugurLibrary.isCompatible)
    let number = Int(AUGUR_VERSION)
    XCTAssertEqual(
      AugurLibrary.version, "\(number / 10000).\(number / 100 % 100).\(number % 100)")
  }

  func testInvalidArgument() throws {
    let shop = try Fixtures.shop()
    assertThrows(.invalidArgument, "count is -1") { try shop.session.rank([], count: -1) }
    assertThrows(.invalidArgument, "k is -1") { try shop.session.topK([], count: 0, k: -1) }
    assertThrows(.invalidArgument, "events is -2") { try shop.session.append([], events: -2) }
    assertThrows(.invalidArgument, "row is -1") {
      try shop.session.explain(shop.candidates(2), count: 2, row: -1)
    }
    assertThrows(.invalidArgument) {
      try shop.session.explain(shop.candidates(2), count: 2, row: 2)
    }
    assertThrows(.invalidArgument, "threads is -1") {
      try Session(model: shop.model, options: SessionOptions(threads: -1))
    }
    assertThrows(.invalidArgument) {
      try Session(model: shop.model, options: SessionOptions(threads: 65))
    }
    assertThrows(.invalidArgument) {
      try Session.bytes(for: shop.model, options: SessionOptions(threads: 65))
    }
    assertThrows(.invalidArgument, "not the URL of a file") {
      try Model(contentsOf: URL(string: "https://example.com/dien.augur")!)
    }
    let format1 = try Session(model: Model(contentsOf: Fixtures.golden("format1.augur")))
    assertThrows(.invalidArgument, "f1") {
      try format1.setFeature(.values("f1", [.nan, 1]))
    }
  }

  func testNotFound() throws {
    assertThrows(.notFound, "no-such-file") {
      try Model(contentsOf: URL(fileURLWithPath: "/no-such-file"))
    }
    assertThrows(.notFound, "no-such-model.augur", "Copy Bundle Resources") {
      try Model(resource: "no-such-model")
    }
    let shop = try Fixtures.shop()
    assertThrows(.notFound, "colour") { try shop.session.setFeature("colour", id: 1) }
    let unattached = try Model(contentsOf: Fixtures.made("external.augur"))
    assertThrows(.notFound, "item") { try Session(model: unattached) }
  }

  func testIOError() throws {
    assertThrows(.ioError, Fixtures.root.path) { try Model(contentsOf: Fixtures.root) }
    assertThrows(.ioError) { try Model(fileDescriptor: -1) }
  }

  func testBadModel() throws {
    assertThrows(.badModel) { try Model(data: Data("no model at all, but long enough".utf8)) }
    assertThrows(.badModel) { try Model(data: Data()) }
    assertThrows(.badModel) {
      try Model(bytesNoCopy: UnsafeRawBufferPointer(start: nil, count: 0))
    }
    let whole = try Data(contentsOf: Fixtures.golden("format4.augur"))
    assertThrows(.badModel) { try Model(data: whole.prefix(whole.count / 2)) }
  }

  // The format's number is the one 4 near the file's beginning that makes a file of a newer format.
  func testNewerModel() throws {
    let file = try Data(contentsOf: Fixtures.golden("format4.augur"))
    var newer = 0
    for offset in stride(from: 0, to: min(file.count, 2000), by: 4)
    where Array(file[offset..<offset + 4]) == [4, 0, 0, 0] {
      var changed = file
      changed[offset] = 99
      do {
        _ = try Model(data: changed)
      } catch let error as AugurError where error.status == .newerModel {
        XCTAssert(error.message.contains("format 99"), error.message)
        newer += 1
      } catch {}
    }
    XCTAssertEqual(newer, 1)
  }

  func testOutOfMemoryTellsTheSize() throws {
    let url = Fixtures.golden("format1.augur")
    let needed = try Model.arenaBytes(contentsOf: url)
    XCTAssertGreaterThan(needed, 0)
    let small = UnsafeMutableRawBufferPointer.allocate(byteCount: needed / 2, alignment: 64)
    defer { small.deallocate() }
    var options = ModelOptions()
    options.arena = small
    do {
      _ = try Model(contentsOf: url, options: options)
      XCTFail("opened in too little memory")
    } catch let error as AugurError {
      XCTAssertEqual(error.status, .outOfMemory)
      XCTAssertEqual(error.requiredBytes, needed)
    }
    let model = try Model(contentsOf: url)
    let bytes = try Session.bytes(for: model)
    XCTAssertGreaterThan(bytes, 16)
    var session = SessionOptions()
    session.memory = UnsafeMutableRawBufferPointer(rebasing: small[..<16])
    do {
      _ = try Session(model: model, options: session)
      XCTFail("a session in 16 bytes")
    } catch let error as AugurError {
      XCTAssertEqual(error.status, .outOfMemory)
      XCTAssertEqual(error.requiredBytes, bytes)
    }
  }

  func testShapeMismatch() throws {
    let shop = try Fixtures.shop()
    assertThrows(.shapeMismatch, "category") {
      try shop.session.rank([.ids("item", [1, 2]).asRows()], count: 2)
    }
    assertThrows(.shapeMismatch, "column 'category' has 1 rows", "2 candidates") {
      try shop.session.rank([.ids("item", [1, 2]).asRows(), .ids("category", [1])], count: 2)
    }
    assertThrows(.shapeMismatch) {
      try shop.session.rank([.ids("item", [1, 2]).asRows(), .ids("category", [1, 2])], count: 1)
    }
    assertThrows(.shapeMismatch) { try shop.session.rank(shop.candidates(4), count: .max) }
    assertThrows(.shapeMismatch, "there are no columns") { try shop.session.rank([], count: .max) }
    let bags = try Session(model: Model(contentsOf: Fixtures.golden("format1.augur")))
    assertThrows(.shapeMismatch, "column 'c1' has 4 counts for 3 rows") {
      try bags.rank(
        [.ids("c1", [1], counts: [1, 0, 0, 0]), .ids("c0", [1, 2, 3]), .values("c2", [1, 2, 3])],
        count: 3)
    }
    var few = [Float](repeating: 0, count: 3)
    few.withUnsafeMutableBufferPointer { few in
      assertThrows(.shapeMismatch, "scores has room for 3 of 4") {
        try shop.session.rank(shop.candidates(4), count: 4, scores: few)
      }
    }
  }

  func testOutOfRange() throws {
    let shop = try Fixtures.shop()
    assertThrows(.outOfRange, "index 1", "no such item") {
      try shop.session.rank(
        [.keys("item", ["tents-6", "no such item"]), .ids("category", [1, 1])], count: 2)
    }
  }

  func testUnsupported() throws {
    assertThrows(.unsupported) {
      try Model(
        contentsOf: Fixtures.golden("format1.augur"), options: ModelOptions(verification: .contentHash))
    }
  }

  func testNotFinite() throws {
    let model = try Model(contentsOf: Fixtures.golden("format1.augur"))
    let session = try Session(model: model)
    let request = try Request.read(golden: "format1")
    try request.set(session)
    try session.setFeature(.values("f1", [3e38, 3e38]))
    let large = ["c2", "s0_q1"]
    var columns = request.candidateColumns(of: model).filter { !large.contains($0.name) }
    for name in large {
      var values = request.candidates[name]!.cells.map(\.float)
      values[5] = 3e38
      columns.append(.values(name, values))
    }
    assertThrows(.notFinite, "candidate 5") { try session.rank(columns, count: 8) }
    let each = try session.rankEach(columns, count: 8)
    XCTAssertEqual(each.statuses.filter { $0 == .ok }.count, 7)
    XCTAssertEqual(each.statuses[5], .notFinite)
    XCTAssert(each.scores[5].isNaN)
    var scores = [Float](repeating: 7, count: 8)
    scores.withUnsafeMutableBufferPointer { scores in
      assertThrows(.notFinite) { try session.rank(columns, count: 8, scores: scores) }
    }
    XCTAssert(scores.allSatisfy(\.isNaN))
  }
}
