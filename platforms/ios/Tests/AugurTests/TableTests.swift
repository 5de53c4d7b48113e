// Tables in files of their own, and deltas.
import Augur
import Foundation
import XCTest

final class TableTests: XCTestCase {
  private func scores(_ model: Model) throws -> [[UInt32]] {
    let session = try Session(model: model)
    return try Request.read(
      Fixtures.root.appendingPathComponent("examples/shop/check.requests.jsonl")
    ).map { request in
      try session.clear()
      try request.set(session)
      return bits(try session.rank(request.candidateColumns(of: model), count: request.count))
    }
  }

  private func expected(_ name: String) throws -> [[UInt32]] {
    try Answer.read(name).map { bits($0.scores) }
  }

  func testTablesAndDeltas() throws {
    let before = try expected("shop.ranked.jsonl")
    let after = try expected("next.ranked.jsonl")
    XCTAssertNotEqual(before, after)
    let model = try Model(contentsOf: Fixtures.made("external.augur"))
    let item = try XCTUnwrap(model.tables.first { $0.name == "item" })
    XCTAssertEqual(item.origin, .missing)
    XCTAssertEqual(item.rows, 0)

    try model.attachTable("item", contentsOf: Fixtures.made("item.augurtable"))
    XCTAssertEqual(model.tables.first { $0.name == "item" }?.origin, .ofConversion)
    XCTAssertEqual(try scores(model), before)

    let delta = try Fixtures.made("item.augurdelta")
    try model.attachDelta("item", contentsOf: delta)
    XCTAssertEqual(model.tables.first { $0.name == "item" }?.deltas, 1)
    XCTAssertEqual(model.info.tablesWithOtherRows, 1)
    XCTAssertEqual(try scores(model), after)
    assertThrows(.badModel) { try model.attachDelta("item", contentsOf: delta) }

    assertThrows(.invalidArgument) { try model.detachDeltas("item", keeping: 2) }
    assertThrows(.invalidArgument, "keeping is -1") { try model.detachDeltas("item", keeping: -1) }
    try model.detachDeltas("item", keeping: 0)
    XCTAssertEqual(try scores(model), before)
  }

  func testEverySourceOfATable() throws {
    let after = try expected("next.ranked.jsonl")
    let url = try Fixtures.made("next.augurtable")
    let data = try Data(contentsOf: url)
    let owner = Bytes(data)
    let file = try FileHandle(forReadingFrom: url)
    var copy = TableSource.file(url)
    copy.load = .copy
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: data.count + 64, alignment: 64)
    defer { memory.deallocate() }
    var block = TableSource.file(url)
    block.load = .copy
    block.memory = memory
    let sources: [TableSource] = [
      .file(url), copy, block, .data(data), .data((Data([9]) + data).dropFirst()),
      .bytesNoCopy(UnsafeRawBufferPointer(owner.memory), owner: owner),
      .fileDescriptor(file.fileDescriptor),
      .fileDescriptor(file.fileDescriptor, offset: 0, length: UInt64(data.count)),
    ]
    let model = try Model(contentsOf: Fixtures.made("external.augur"))
    for source in sources {
      try model.attachTable("item", from: source)
      XCTAssertEqual(try scores(model), after)
    }
  }

  func testAttachingIsRefusedWhileThereIsASession() throws {
    let model = try Model(contentsOf: Fixtures.made("external.augur"))
    let table = try Fixtures.made("item.augurtable")
    try model.attachTable("item", contentsOf: table)
    var session: Session? = try Session(model: model)
    assertThrows(.invalidArgument, "session") { try model.attachTable("item", contentsOf: table) }
    XCTAssertNotNil(session)
    session = nil
    try model.attachTable("item", contentsOf: table)
    assertThrows(.notFound, "colour") { try model.attachTable("colour", contentsOf: table) }
    assertThrows(.notFound, "/no-such-file") {
      try model.attachTable("item", contentsOf: URL(fileURLWithPath: "/no-such-file"))
    }
    XCTAssertEqual(try scores(model), try expected("shop.ranked.jsonl"))
  }
}
