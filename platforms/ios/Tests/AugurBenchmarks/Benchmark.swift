// Measures a model as augur-bench does, through the Swift API.
import Augur
import Dispatch
import Foundation

struct Benchmark {
  let model: URL
  var tables: [(name: String, file: URL)] = []
  var histories: [Int] = []  // empty: the model's limit
  var candidates = [100]
  var threads = [1]
  var calls = 200
  var paceMs = 0.0
  var seed: UInt64 = 1

  // So many cold starts give a median.
  private static let starts = 21

  private func open() throws -> Model {
    let opened = try Model(contentsOf: model)
    for table in tables { try opened.attachTable(table.name, contentsOf: table.file) }
    return opened
  }

  func run() throws -> BenchmarkReport {
    // The first calls of the process come before everything else.
    let before = BenchmarkReport.Conditions.now
    let memoryBefore = residentBytes()
    var first = BenchmarkReport.First(openUs: 0, createUs: 0, rankUs: 0)
    var opened: Model!
    first.openUs = try time { opened = try open() }
    let limit = opened.stacks.map(\.maxHistory).max() ?? 0
    let histories = self.histories.isEmpty ? [limit] : self.histories.map { min($0, limit) }
    let inputs = BenchmarkInputs(
      model: opened, seed: seed, history: histories[0], candidates: candidates[0])
    let options = self.options(history: histories[0], threads: threads[0])
    var session: Session!
    first.createUs = try time { session = try Session(model: opened, options: options) }
    try set(session, inputs)
    var scores = [Float](repeating: 0, count: candidates[0])
    first.rankUs = try time { try rank(session, inputs, &scores) }
    let growth = memoryBefore.flatMap { before in residentBytes().map { $0 - before } }

    var opens: [Double] = []
    var creates: [Double] = []
    for _ in 0..<Benchmark.starts {
      var again: Model!
      opens.append(try time { again = try open() })
      creates.append(try time { session = try Session(model: again, options: options) })
    }
    var cases: [BenchmarkReport.Case] = []
    for history in histories {
      for count in candidates {
        for threads in self.threads {
          cases.append(try measure(opened, history: history, count: count, threads: threads))
        }
      }
    }
    let info = opened.info
    return BenchmarkReport(
      device: .this,
      model: BenchmarkReport.ModelPart(
        name: info.name, id: info.id.description, fileBytes: info.fileBytes,
        arenaBytes: info.arenaBytes, arenaUsedBytes: info.arenaUsedBytes),
      seed: seed,
      runs: [
        BenchmarkReport.Run(
          paceMs: paceMs, before: before, after: .now, firstOfProcess: first,
          openUs: median(opens), createUs: median(creates),
          memory: growth.map { BenchmarkReport.Memory(residentGrowthBytes: max(0, $0)) },
          cases: cases)
      ])
  }

  private func measure(
    _ model: Model, history: Int, count: Int, threads: Int
  ) throws -> BenchmarkReport.Case {
    let inputs = BenchmarkInputs(model: model, seed: seed, history: history, candidates: count)
    let options = self.options(history: history, threads: threads)
    var scores = [Float](repeating: 0, count: count)
    var firsts: [Double] = []
    var newUsers: [Double] = []
    for _ in 0..<Benchmark.starts {
      let session = try Session(model: open(), options: options)
      try set(session, inputs)
      firsts.append(try time { try rank(session, inputs, &scores) })
      try set(session, inputs)
      newUsers.append(try time { try rank(session, inputs, &scores) })
    }
    let answered = BenchmarkReport.Scores(scores)

    let session = try Session(model: model, options: options)
    try set(session, inputs)
    let ranks = try repeated { _ in try rank(session, inputs, &scores) }
    var appends: [Double]?
    if history > 0 {
      appends = try repeated { turn in
        for stack in inputs.stacks {
          let event = stack.appended[turn % BenchmarkInputs.newEvents]
          try session.append(event, events: 1, stack: stack.name)
        }
        try rank(session, inputs, &scores)
      }
    }
    return BenchmarkReport.Case(
      history: history, candidates: count, threads: threads,
      sessionBytes: try Session.bytes(for: model, options: options), firstRankUs: median(firsts),
      newUserRankUs: median(newUsers), rank: BenchmarkReport.Times(ranks),
      appendAndRank: appends.map(BenchmarkReport.Times.init), scores: answered)
  }

  private func options(history: Int, threads: Int) -> SessionOptions {
    var options = SessionOptions(threads: threads)
    options.maxHistory = history
    return options
  }

  private func set(_ session: Session, _ inputs: BenchmarkInputs) throws {
    for feature in inputs.features { try session.setFeature(feature) }
    for stack in inputs.stacks {
      try session.setHistory(stack.history, events: stack.events, stack: stack.name)
    }
  }

  private func rank(
    _ session: Session, _ inputs: BenchmarkInputs, _ scores: inout [Float]
  ) throws {
    try scores.withUnsafeMutableBufferPointer {
      try session.rank(inputs.candidates, count: $0.count, scores: $0)
    }
  }

  // The times of `calls` calls, after a tenth as many for warming up; each begins `paceMs` after the one
  // before.
  private func repeated(_ call: (Int) throws -> Void) throws -> [Double] {
    var times: [Double] = []
    let warmUp = (calls + 9) / 10
    for turn in 0..<warmUp + calls {
      let begin = DispatchTime.now().uptimeNanoseconds
      try call(turn)
      let taken = Double(DispatchTime.now().uptimeNanoseconds - begin) / 1000
      if turn >= warmUp { times.append(taken) }
      let rest = paceMs / 1000 - taken / 1e6
      if rest > 0 { Thread.sleep(forTimeInterval: rest) }
    }
    return times
  }

  // In microseconds.
  private func time(_ call: () throws -> Void) rethrows -> Double {
    let begin = DispatchTime.now().uptimeNanoseconds
    try call()
    return Double(DispatchTime.now().uptimeNanoseconds - begin) / 1000
  }

  private func median(_ times: [Double]) -> Double { percentile(times.sorted(), 0.5) }
}
