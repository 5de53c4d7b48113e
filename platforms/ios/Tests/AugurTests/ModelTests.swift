// Opening models, what they declare, and how long they live.
import Augur
import Foundation
import XCTest

final class ModelTests: XCTestCase {
  private let url = Fixtures.golden("format4.augur")

  // The scores of the golden request with this model.
  private func scores(_ model: Model) throws -> [UInt32] {
    let session = try Session(model: model)
    let request = try Request.read(golden: "format4")
    try request.set(session)
    return bits(try session.rank(request.candidateColumns(of: model), count: 8))
  }

  func testEveryWayOfOpeningGivesTheSameModel() throws {
    let expected = try scores(Model(contentsOf: url))
    XCTAssertEqual(try scores(Model(contentsOf: url, options: ModelOptions(load: .copy))), expected)
    let data = try Data(contentsOf: url)
    XCTAssertEqual(try scores(Model(data: data)), expected)
    // A slice, whose indices do not begin at 0.
    let padded = Data([1, 2, 3]) + data
    XCTAssertEqual(try scores(Model(data: padded.dropFirst(3))), expected)

    let file = try FileHandle(forReadingFrom: url)
    let whole = try Model(fileDescriptor: file.fileDescriptor)
    let part = try Model(
      fileDescriptor: file.fileDescriptor, offset: 0, length: UInt64(data.count))
    try file.close()
    XCTAssertEqual(try scores(whole), expected)
    XCTAssertEqual(try scores(part), expected)

    let needed = try Model.arenaBytes(contentsOf: url, options: ModelOptions(load: .copy))
    let arena = UnsafeMutableRawBufferPointer.allocate(byteCount: needed, alignment: 1)
    defer { arena.deallocate() }
    var options = ModelOptions(load: .copy)
    options.arena = arena
    let inBlock = try Model(contentsOf: url, options: options)
    XCTAssertEqual(inBlock.info.arenaBytes, needed)
    XCTAssertEqual(try scores(inBlock), expected)
  }

  func testBytesAreReadInPlaceAndTheirOwnerIsKept() throws {
    weak var kept: Bytes?
    var model: Model?
    do {
      let owner = Bytes(try Data(contentsOf: url))
      kept = owner
      model = try Model(bytesNoCopy: UnsafeRawBufferPointer(owner.memory), owner: owner)
    }
    XCTAssertNotNil(kept)
    XCTAssertEqual(try scores(model!), try scores(Model(contentsOf: url)))
    model = nil
    XCTAssertNil(kept)
  }

  func testModelsOfABundle() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("augur-\(UUID().uuidString).bundle")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.copyItem(at: url, to: folder.appendingPathComponent("dien.augur"))
    let bundle = try XCTUnwrap(Bundle(path: folder.path))
    XCTAssertEqual(try Model(resource: "dien", in: bundle).info.name, "golden")
  }

  func testWhatAModelDeclares() throws {
    let model = try Model(contentsOf: url)
    let info = model.info
    XCTAssertEqual(info.name, "golden")
    XCTAssertEqual(info.format, 4)
    XCTAssertEqual(
      info.id.description, "ae51e881cfa1576754a4aabb68b82dfa4dda43f050d593812ab0b0ea9efd870a")
    XCTAssertEqual(info.fileBytes, try Data(contentsOf: url).count)
    XCTAssertGreaterThan(info.arenaBytes, 0)
    XCTAssertGreaterThanOrEqual(info.arenaBytes, info.arenaUsedBytes)
    XCTAssertEqual(info.output, .sigmoid)
    XCTAssertFalse(info.schemaID.isZero)
    XCTAssertEqual(info.sessionCount, 0)

    XCTAssertEqual(model.features.map(\.name), ["f0", "f1"])
    XCTAssertEqual(model.features.map(\.kind), [.id, .ids])
    XCTAssertEqual(model.features.map(\.keyType), [.integer, .string])
    XCTAssertEqual(Set(model.candidateFields.map(\.column)), ["brand", "s0_q0", "s0_q1"])
    XCTAssertEqual(model.stacks.map(\.name), ["s0"])
    XCTAssertEqual(model.stacks[0].fields.map(\.kind), [.id, .number])
    XCTAssertGreaterThan(model.stacks[0].maxHistory, 0)
    let tables = model.tables
    XCTAssertEqual(tables.count, Set(tables.map(\.name)).count)
    XCTAssertTrue(tables.allSatisfy { $0.rows > 0 && $0.width > 0 && $0.origin == .inside })
    XCTAssertEqual(model.notes.count, model.notes.filter { !$0.isEmpty }.count)

    let regression = try Model(contentsOf: Fixtures.golden("format3_functions.augur"))
    XCTAssertEqual(regression.info.output, .identity)
  }

  func testKeysAreFound() throws {
    let model = try Model(contentsOf: Fixtures.made("shop.augur"))
    let list = try String(
      contentsOf: Fixtures.root.appendingPathComponent("examples/shop/item_keys.txt"), encoding: .utf8)
    let lines = list.split(separator: "\n").map { $0.split(separator: "\t") }
    XCTAssertEqual(lines.count, 3080)
    for line in lines {
      XCTAssertEqual(try model.row(of: String(line[0]), in: "item"), Int(line[1]))
    }
    XCTAssertNil(try model.row(of: "no such item", in: "item"))
    XCTAssertNil(try model.row(of: "", in: "item"))
    assertThrows(.invalidArgument, "'item'", "integers") { try model.row(of: 7, in: "item") }
    assertThrows(.invalidArgument, "'colour'") { try model.row(of: "red", in: "colour") }

    let golden = try Model(contentsOf: url)
    let integers = try XCTUnwrap(golden.features.first { $0.keyType == .integer }?.table)
    XCTAssertNil(try golden.row(of: -123_456_789, in: integers))
  }

  func testVerification() throws {
    let model = try Fixtures.made("shop.augur")
    XCTAssertNoThrow(
      try Model(contentsOf: model, options: ModelOptions(verification: .contentHash)))
    var damaged = try Data(contentsOf: model)
    damaged[damaged.count - 5] ^= 1
    assertThrows(.badModel) {
      try Model(data: damaged, options: ModelOptions(verification: .contentHash))
    }
  }

  func testTheAppDecidesWhichFilesMayBeUsed() throws {
    struct Unsigned: Error {}
    let url = try Fixtures.made("external.augur")
    let table = try Fixtures.made("item.augurtable")
    let seen = Seen()
    var options = ModelOptions()
    options.verifyContent = { content in
      seen.add("\(URL(fileURLWithPath: content.file).lastPathComponent) \(content.table)")
      if content.contentHash.isZero || content.bytes.count < 1000 { throw Unsigned() }
    }
    let model = try Model(contentsOf: url, options: options)
    try model.attachTable("item", contentsOf: table)
    XCTAssertEqual(seen.all, ["external.augur ", "item.augurtable item"])

    options.verifyContent = { _ in throw Unsigned() }
    XCTAssertThrowsError(try Model(contentsOf: url, options: options)) { error in
      XCTAssert(error is Unsigned)
    }
    options.verifyContent = { _ in throw AugurError(.unsupported, "no such signature") }
    assertThrows(.unsupported, "no such signature") { try Model(contentsOf: url, options: options) }
  }

  func testModelsAndSessionsLiveAsLongAsTheyAreUsed() throws {
    weak var model: Model?
    weak var session: Session?
    try autoreleasing {
      var kept: Session? = try Fixtures.shop().session
      session = kept
      model = kept!.model
      XCTAssertEqual(model!.info.sessionCount, 1)
      // The session alone keeps the model.
      XCTAssertEqual(try kept!.rank([.ids("item", [1]).asRows(), .ids("category", [1])], count: 1).count, 1)
      kept = nil
    }
    XCTAssertNil(session)
    XCTAssertNil(model)
  }

  // Models, sessions, results and errors, again and again: the process must not grow.
  func testNothingLeaks() throws {
    let url = try Fixtures.made("shop.augur")
    func round() throws {
      var options = ModelOptions(load: .copy)
      options.verifyContent = { _ in }
      let session = try Session(
        model: Model(contentsOf: url, options: options), options: SessionOptions(threads: 2))
      let candidates: [Column] = [.keys("item", ["tents-6", "tents-7"]), .ids("category", [1, 1])]
      try session.append(candidates, events: 2)
      _ = try session.topKEach(candidates, count: 2, k: 1)
      _ = try session.rankWithLogits(candidates, count: 2)
      try session.restore(session.save())
      XCTAssertThrowsError(try session.setFeature("colour", key: "red"))
      XCTAssertThrowsError(try Model(data: Data([1, 2, 3])))
    }
    for _ in 0..<30 { try autoreleasing(round) }
    let before = try residentBytes()
    for _ in 0..<120 { try autoreleasing(round) }
    // A model that leaks takes 1 MB in every round.
    XCTAssertLessThan(try residentBytes() - before, 4_000_000)
  }

  private func residentBytes() throws -> Int {
    #if os(Linux)
      let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
      let line = try XCTUnwrap(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
      return try XCTUnwrap(Int(line.split(separator: " ").dropLast().last ?? "")) * 1024
    #else
      throw XCTSkip("resident memory is read on Linux alone")
    #endif
  }

  func testSessionsAreCounted() throws {
    let model = try Model(contentsOf: url)
    var sessions = try (0..<5).map { _ in try Session(model: model) }
    XCTAssertEqual(model.info.sessionCount, 5)
    sessions.removeLast(3)
    XCTAssertEqual(model.info.sessionCount, 2)
    sessions.removeAll()
    XCTAssertEqual(model.info.sessionCount, 0)
  }
}

// Apple's Foundation may keep objects until an autorelease pool ends.
func autoreleasing<Result>(_ call: () throws -> Result) rethrows -> Result {
  #if canImport(ObjectiveC)
    return try autoreleasepool(invoking: call)
  #else
    return try call()
  #endif
}

// Bytes that go when the object goes.
final class Bytes {
  let memory: UnsafeMutableRawBufferPointer

  init(_ data: Data) {
    memory = .allocate(byteCount: data.count, alignment: 64)
    memory.copyBytes(from: data)
  }

  deinit {
    memory.deallocate()
  }
}

// What a closure has seen.
final class Seen: @unchecked Sendable {
  private let lock = NSLock()
  private var seen: [String] = []

  func add(_ text: String) {
    lock.lock()
    seen.append(text)
    lock.unlock()
  }

  var all: [String] {
    lock.lock()
    defer { lock.unlock() }
    return seen
  }
}
