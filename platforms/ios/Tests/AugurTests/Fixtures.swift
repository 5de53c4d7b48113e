// Models, requests and expected answers for the tests. They are files of the checkout, and files that
// tests/platforms/swift/make_fixtures.sh makes in build/swift/fixtures with the host's tools.
import Augur
import Foundation
import XCTest

enum Fixtures {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static func golden(_ name: String) -> URL {
    root.appendingPathComponent("tests/golden/\(name)")
  }

  static func made(_ name: String) throws -> URL {
    let url = root.appendingPathComponent("build/swift/fixtures/\(name)")
    if !FileManager.default.fileExists(atPath: url.path) {
      throw XCTSkip("\(url.path) is not there: tests/platforms/swift/make_fixtures.sh makes it")
    }
    return url
  }

  // The shop's model, and a session with the history of one of its requests.
  static func shop(options: SessionOptions = SessionOptions()) throws -> Shop {
    try Shop(options: options)
  }
}

// A user of the shop with a long history, and as many candidates as one likes.
struct Shop {
  let model: Model
  let session: Session
  let request: Request

  init(options: SessionOptions = SessionOptions()) throws {
    let model = try Model(contentsOf: Fixtures.made("shop.augur"))
    self.model = model
    session = try Session(model: model, options: options)
    let requests = try Request.read(
      Fixtures.root.appendingPathComponent("examples/shop/check.requests.jsonl"))
    request = requests.max { $0.events(of: model) < $1.events(of: model) }!
    try request.set(session)
  }

  // The first `count` items of the catalogue, again and again.
  func candidates(_ count: Int) throws -> [Column] {
    let items = request.columns(of: model.candidateFields, request.candidates)
    XCTAssertEqual(items.count, 2)
    return [
      .ids("item", (0..<count).map { Int64(1 + $0 % 3000) }).asRows(),
      .ids("category", (0..<count).map { Int64(1 + $0 % 20) }),
    ]
  }
}

// A value of a request: a number, a string, null, or a list of them.
enum Cell: Decodable {
  case integer(Int64)
  case number(Double)
  case text(String)
  case list([Cell])
  case null

  init(from decoder: Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let integer = try? container.decode(Int64.self) {
      self = .integer(integer)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else {
      self = .list(try container.decode([Cell].self))
    }
  }

  var float: Float {
    switch self {
    case .integer(let integer): return Float(integer)
    case .number(let number): return Float(number)
    default: return .nan
    }
  }

  var cells: [Cell] {
    if case .list(let cells) = self { return cells }
    return [self]
  }
}

// Cells of one kind: integers, strings or numbers.
func flat(_ cells: [Cell]) -> [Cell] {
  cells.flatMap { cell -> [Cell] in
    if case .list(let inner) = cell { return flat(inner) }
    return [cell]
  }
}

// A request as augur-rank reads it: docs/requests.md.
struct Request: Decodable {
  let id: String
  let features: [String: Cell]
  let history: [String: Cell]?
  let candidates: [String: Cell]

  static func read(_ url: URL) throws -> [Request] {
    try lines(url).map { try JSONDecoder().decode(Request.self, from: $0) }
  }

  static func read(golden name: String) throws -> Request {
    try read(Fixtures.golden("\(name).request.jsonl"))[0]
  }

  // One column for each column that the fields read.
  func columns(of fields: [FieldInfo], _ values: [String: Cell]) -> [Column] {
    var seen = Set<String>()
    return fields.filter { seen.insert($0.column).inserted }.compactMap { field in
      guard let rows = values[field.column] ?? values[field.name] else { return nil }
      return Request.column(field, rows.cells)
    }
  }

  static func column(_ field: FieldInfo, _ rows: [Cell]) -> Column {
    let cells = flat(rows)
    if field.kind == .number || field.kind == .vector {
      return .values(field.column, cells.map(\.float))
    }
    let counts = rows.map { UInt32($0.cells.count) }
    var keys: [String] = []
    var ids: [Int64] = []
    for cell in cells {
      if case .text(let key) = cell { keys.append(key) }
      if case .integer(let id) = cell { ids.append(id) }
    }
    if field.keyType == .string {
      return field.kind == .ids ? .keys(field.column, keys, counts: counts) : .keys(field.column, keys)
    }
    return field.kind == .ids ? .ids(field.column, ids, counts: counts) : .ids(field.column, ids)
  }

  // The history's columns of each stack: a request may leave out the stack's name if there is one alone.
  func histories(of model: Model) -> [(stack: String, columns: [Column], events: Int)] {
    model.stacks.map { stack in
      var values = history ?? [:]
      if case .list? = values[stack.name] {} else if let own = nested[stack.name] { values = own }
      let events = stack.fields.compactMap { values[$0.column]?.cells.count }.max() ?? 0
      return (stack.name, columns(of: stack.fields, values), events)
    }
  }

  func events(of model: Model) -> Int { histories(of: model).map(\.events).max() ?? 0 }

  // Features and histories into a session.
  func set(_ session: Session) throws {
    for field in session.model.features {
      guard let cell = features[field.column] else { continue }
      try session.setFeature(Request.column(field, field.kind == .id ? [cell] : [.list(cell.cells)]))
    }
    for history in histories(of: session.model) {
      try session.setHistory(history.columns, events: history.events, stack: history.stack)
    }
  }

  func candidateColumns(of model: Model) -> [Column] {
    columns(of: model.candidateFields, candidates)
  }

  var count: Int { candidates.values.map { $0.cells.count }.max() ?? 0 }

  private let nested: [String: [String: Cell]]

  private enum Key: String, CodingKey { case id, features, history, candidates }

  init(from decoder: Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    id = try values.decode(String.self, forKey: .id)
    features = try values.decodeIfPresent([String: Cell].self, forKey: .features) ?? [:]
    candidates = try values.decode([String: Cell].self, forKey: .candidates)
    nested = (try? values.decode([String: [String: Cell]].self, forKey: .history)) ?? [:]
    history = nested.isEmpty ? try values.decodeIfPresent([String: Cell].self, forKey: .history) : nil
  }
}

// What augur-rank answered.
struct Answer: Decodable {
  let scores: [Float]
  let logits: [Float]
  let attention: [String: [[Float]]]?

  static func read(_ name: String) throws -> [Answer] {
    try lines(Fixtures.made(name)).map { try JSONDecoder().decode(Answer.self, from: $0) }
  }
}

private func lines(_ url: URL) throws -> [Data] {
  try Data(contentsOf: url).split(separator: UInt8(ascii: "\n")).map { Data($0) }
}

// Checks that a call throws an AugurError of this status, whose message has these words.
func assertThrows<Result>(
  _ status: AugurStatus, _ words: String..., file: StaticString = #filePath, line: UInt = #line,
  _ call: () throws -> Result
) {
  do {
    _ = try call()
    XCTFail("did not throw, expected \(status.name)", file: file, line: line)
  } catch let error as AugurError {
    XCTAssertEqual(error.status, status, error.message, file: file, line: line)
    for word in words {
      XCTAssert(
        error.message.contains(word), "'\(error.message)' has no '\(word)'", file: file, line: line)
    }
  } catch {
    XCTFail("threw \(error)", file: file, line: line)
  }
}

func bits(_ floats: [Float]) -> [UInt32] { floats.map(\.bitPattern) }
