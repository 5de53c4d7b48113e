// Scores through Swift are the bits of the C API, however the values are given.
import Augur
import XCTest

final class RankingTests: XCTestCase {
  static let golden = ["format1", "format2", "format3", "format3_functions", "format4"]

  func testGoldenFilesRankAsThroughTheCAPI() throws {
    for name in RankingTests.golden {
      let model = try Model(contentsOf: Fixtures.golden("\(name).augur"))
      let session = try Session(model: model)
      let request = try Request.read(golden: name)
      try request.set(session)
      let candidates = request.candidateColumns(of: model)
      let expected = try Answer.read("\(name).ranked.jsonl")[0]
      let ranking = try session.rankWithLogits(candidates, count: 8)
      XCTAssertEqual(bits(ranking.scores), bits(expected.scores), name)
      XCTAssertEqual(bits(ranking.logits), bits(expected.logits), name)
      XCTAssertEqual(bits(try session.rank(candidates, count: 8)), bits(expected.scores), name)

      let each = try session.rankEach(candidates, count: 8)
      XCTAssertEqual(bits(each.scores), bits(expected.scores), name)
      XCTAssertEqual(bits(each.logits), bits(expected.logits), name)
      XCTAssertEqual(each.statuses, Array(repeating: .ok, count: 8), name)

      let order = (0..<8).sorted {
        expected.scores[$0] == expected.scores[$1]
          ? $0 < $1 : expected.scores[$0] > expected.scores[$1]
      }
      let best = order.prefix(3).map { RankedCandidate(index: $0, score: expected.scores[$0]) }
      XCTAssertEqual(try session.topK(candidates, count: 8, k: 3), best, name)
      let bestOfUsable = try session.topKEach(candidates, count: 8, k: 3)
      XCTAssertEqual(bestOfUsable.best, best, name)
      XCTAssertEqual(bestOfUsable.statuses, Array(repeating: .ok, count: 8), name)
      XCTAssertEqual(try session.topK(candidates, count: 8, k: 100).count, 8, name)
    }
  }

  func testAttentionIsThatOfTheCAPI() throws {
    var compared = 0
    for name in RankingTests.golden {
      let expected = try Answer.read("\(name).explained.jsonl")[0]
      let model = try Model(contentsOf: Fixtures.golden("\(name).augur"))
      let session = try Session(model: model)
      let request = try Request.read(golden: name)
      try request.set(session)
      for (stack, rows) in expected.attention ?? [:] {
        for (row, weights) in rows.enumerated() {
          let explained = try session.explain(
            request.candidateColumns(of: model), count: 8, row: row, stack: stack)
          XCTAssertEqual(bits(explained), bits(weights), "\(name) \(stack) \(row)")
          compared += 1
        }
      }
    }
    XCTAssertGreaterThanOrEqual(compared, 40)
  }

  func testTheShopRanksAsThroughTheCAPI() throws {
    let model = try Model(contentsOf: Fixtures.made("shop.augur"))
    let requests = try Request.read(
      Fixtures.root.appendingPathComponent("examples/shop/check.requests.jsonl"))
    let expected = try Answer.read("shop.ranked.jsonl")
    XCTAssertEqual(requests.count, expected.count)
    let session = try Session(model: model)
    for (request, answer) in zip(requests, expected) {
      try session.clear()
      try request.set(session)
      let ranking = try session.rankWithLogits(
        request.candidateColumns(of: model), count: request.count)
      XCTAssertEqual(bits(ranking.scores), bits(answer.scores), request.id)
      XCTAssertEqual(bits(ranking.logits), bits(answer.logits), request.id)
    }
  }

  func testBuffersGiveTheSameBits() throws {
    let shop = try Fixtures.shop()
    let items = (0..<300).map { Int64(1 + $0) }
    let categories = (0..<300).map { Int64(1 + $0 % 20) }
    let expected = try shop.session.rankWithLogits(
      [.ids("item", items).asRows(), .ids("category", categories)], count: 300)
    var scores = [Float](repeating: 7, count: 300)
    var logits = scores
    try items.withUnsafeBufferPointer { items in
      try categories.withUnsafeBufferPointer { categories in
        try scores.withUnsafeMutableBufferPointer { scores in
          try logits.withUnsafeMutableBufferPointer { logits in
            try shop.session.rank(
              [.ids("category", categories), .ids("item", items).asRows()], count: 300,
              scores: scores, logits: logits)
          }
        }
      }
    }
    XCTAssertEqual(bits(scores), bits(expected.scores))
    XCTAssertEqual(bits(logits), bits(expected.logits))
  }

  func testBagsInBuffersGiveTheSameBits() throws {
    let model = try Model(contentsOf: Fixtures.golden("format1.augur"))
    let session = try Session(model: model)
    let request = try Request.read(golden: "format1")
    try request.set(session)
    let columns = request.candidateColumns(of: model)
    let expected = try session.rank(columns, count: 8)
    let cells = request.candidates["c1"]!.cells
    var ids: [Int64] = []
    for cell in flat(cells) {
      if case .integer(let id) = cell { ids.append(id) }
    }
    let counts = cells.map { UInt32($0.cells.count) }
    let others = columns.filter { $0.name != "c1" }
    XCTAssertEqual(others.count, columns.count - 1)
    let scores = try ids.withUnsafeBufferPointer { ids in
      try counts.withUnsafeBufferPointer { counts in
        try session.rank(others + [.ids("c1", ids, counts: counts)], count: 8)
      }
    }
    XCTAssertEqual(bits(scores), bits(expected))
  }

  func testAListWithoutCandidatesIsNoError() throws {
    let shop = try Fixtures.shop()
    XCTAssertEqual(try shop.session.rank([.ids("item", []).asRows(), .ids("category", [])], count: 0), [])
    let none = UnsafeBufferPointer<Int64>(start: nil, count: 0)
    XCTAssertEqual(
      try shop.session.rank([.ids("item", none).asRows(), .ids("category", none)], count: 0), [])
    XCTAssertEqual(
      try shop.session.topK([.keys("item", []), .ids("category", [])], count: 0, k: 5), [])
  }

  func testThreadsAndTheAppsPoolGiveTheSameBits() throws {
    let one = try Fixtures.shop()
    let candidates = try one.candidates(2000)
    let expected = bits(try one.session.rank(candidates, count: 2000))
    let two = try Fixtures.shop(options: SessionOptions(threads: 2))
    XCTAssertEqual(bits(try two.session.rank(candidates, count: 2000)), expected)
    var options = SessionOptions(threads: 4)
    options.parallelFor = SessionOptions.dispatch
    let pool = try Fixtures.shop(options: options)
    for _ in 0..<10 {
      XCTAssertEqual(bits(try pool.session.rank(candidates, count: 2000)), expected)
    }
  }

  func testUnusableCandidatesAreReported() throws {
    let shop = try Fixtures.shop()
    // The shop's items have the rule "error".
    XCTAssertEqual(shop.model.tables.first { $0.name == "item" }?.unknownIDs, .error)
    let good = try shop.session.rank(
      [.keys("item", ["tents-6"]), .ids("category", [2])], count: 1)
    let candidates: [Column] = [
      .keys("item", ["no such item", "tents-6"]), .ids("category", [2, 2]),
    ]
    let each = try shop.session.rankEach(candidates, count: 2)
    XCTAssertEqual(each.statuses, [.outOfRange, .ok])
    XCTAssert(each.scores[0].isNaN && each.logits[0].isNaN)
    XCTAssertEqual(bits([each.scores[1]]), bits(good))
    let best = try shop.session.topKEach(candidates, count: 2, k: 2)
    XCTAssertEqual(best.best, [RankedCandidate(index: 1, score: good[0])])
    XCTAssertEqual(best.statuses, [.outOfRange, .ok])
  }
}
