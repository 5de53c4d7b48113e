// The user's part of a session: features, histories, saved states.
import Augur
import Foundation
import XCTest

final class SessionTests: XCTestCase {
  func testAppendingIsAsSettingTheWholeHistory() throws {
    let shop = try Fixtures.shop()
    let session = try Session(model: shop.model)
    try session.setFeature("user", id: 12)
    try session.setHistory([.ids("item", [3, 9, 4]).asRows(), .ids("category", [1, 4, 2])], events: 3)
    XCTAssertEqual(try session.historyLength(), 3)
    let whole = try session.rank(shop.candidates(20), count: 20)

    try session.setHistory([], events: 0)
    XCTAssertEqual(try session.historyLength(), 0)
    try session.append([.ids("item", [3]).asRows(), .ids("category", [1])])
    try session.append([.ids("item", [9, 4]).asRows(), .ids("category", [4, 2])], events: 2)
    XCTAssertEqual(bits(try session.rank(shop.candidates(20), count: 20)), bits(whole))

    try session.clear()
    XCTAssertEqual(try session.historyLength(), 0)
    XCTAssertNotEqual(bits(try session.rank(shop.candidates(20), count: 20)), bits(whole))
    XCTAssertEqual(try session.historyLength(stack: "no such stack"), 0)
  }

  func testFeaturesOfEveryKind() throws {
    let model = try Model(contentsOf: Fixtures.golden("format4.augur"))
    let session = try Session(model: model)
    let request = try Request.read(golden: "format4")
    try request.set(session)
    let candidates = request.candidateColumns(of: model)
    let before = try session.rank(candidates, count: 8)
    try session.setFeature(.keys("f1", ["sku-7", "sku-8"], counts: [2]))
    let other = try session.rank(candidates, count: 8)
    XCTAssertNotEqual(bits(other), bits(before))
    try session.setFeature("f0", id: 5)
    try request.set(session)
    XCTAssertEqual(bits(try session.rank(candidates, count: 8)), bits(before))

    let format1 = try Session(model: Model(contentsOf: Fixtures.golden("format1.augur")))
    XCTAssertEqual(format1.model.features.map(\.kind), [.id, .vector])
    XCTAssertNoThrow(try format1.setFeature(.values("f1", [0.5, 0.25])))
    assertThrows(.shapeMismatch) { try format1.setFeature("f1", number: 0.5) }
    assertThrows(.invalidArgument) { try format1.setFeature("f0", key: "text") }
  }

  func testAFailedCallLeavesTheSessionAsItWas() throws {
    let shop = try Fixtures.shop()
    let before = bits(try shop.session.rank(shop.candidates(10), count: 10))
    assertThrows(.outOfRange) {
      try shop.session.append([.keys("item", ["no such item"]), .ids("category", [1])])
    }
    assertThrows(.outOfRange) {
      try shop.session.setHistory(
        [.keys("item", ["tents-6", "no such item"]), .ids("category", [1, 1])], events: 2)
    }
    XCTAssertEqual(bits(try shop.session.rank(shop.candidates(10), count: 10)), before)
  }

  func testSavedSessionsAreRestored() throws {
    let shop = try Fixtures.shop()
    let expected = bits(try shop.session.rank(shop.candidates(50), count: 50))
    let state = try shop.session.save()
    XCTAssertGreaterThan(state.count, 100)

    let same = try Session(model: shop.model)
    let report = try same.restore(state)
    XCTAssertTrue(report.isOfSameModel)
    XCTAssertEqual([report.unknownIDs, report.droppedEvents], [0, 0])
    XCTAssertEqual(bits(try same.rank(shop.candidates(50), count: 50)), expected)

    // Another model with the same schema.
    let other = try Model(contentsOf: Fixtures.made("external.augur"))
    try other.attachTable("item", contentsOf: Fixtures.made("item.augurtable"))
    XCTAssertEqual(other.info.schemaID, shop.model.info.schemaID)
    XCTAssertNotEqual(other.info.id, shop.model.info.id)
    let next = try Session(model: other)
    XCTAssertFalse(try next.restore(state).isOfSameModel)
    XCTAssertEqual(bits(try next.rank(shop.candidates(50), count: 50)), expected)

    var damaged = state
    damaged[damaged.count / 2] ^= 1
    assertThrows(.invalidArgument, "damaged") { try next.restore(damaged) }
    XCTAssertThrowsError(try next.restore(Data()))
    XCTAssertThrowsError(try next.restore(state.prefix(20)))
    let stranger = try Session(model: Model(contentsOf: Fixtures.golden("format1.augur")))
    XCTAssertThrowsError(try stranger.restore(state))
    XCTAssertEqual(bits(try next.rank(shop.candidates(50), count: 50)), expected)
  }

  func testOptions() throws {
    let shop = try Fixtures.shop()
    var options = SessionOptions()
    options.maxHistory = 2
    options.tile = 16
    options.maxIDsPerEvent = 4
    options.isStreaming = true
    let bytes = try Session.bytes(for: shop.model, options: options)
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 1)
    defer { memory.deallocate() }
    options.memory = memory
    let session = try Session(model: shop.model, options: options)
    try session.setHistory([.ids("item", [3, 9, 4]).asRows(), .ids("category", [1, 4, 2])], events: 3)
    XCTAssertEqual(try session.historyLength(), 2)
    XCTAssertEqual(try session.rank(shop.candidates(5), count: 5).count, 5)
  }
}
