// Measures the latency of a model on this device and prints the JSON of docs/benchmark-json.md.
//
// Environment (in Xcode: the scheme's Test action, Arguments):
//   AUGUR_BENCH_MODEL       the model: the name of a file of the app's or the test's bundle, or a path;
//                           without it the first .augur file of these bundles
//   AUGUR_BENCH_TABLES      NAME=FILE,...: sidecars, found in the same way
//   AUGUR_BENCH_HISTORY     lengths of the history, such as 20,50; without it the model's limit
//   AUGUR_BENCH_CANDIDATES  numbers of candidates, such as 100,500; 100
//   AUGUR_BENCH_THREADS     numbers of threads, such as 1,2; 1
//   AUGUR_BENCH_CALLS       how many calls of each kind are measured; 200
//   AUGUR_BENCH_PACE        a call begins every so many milliseconds; 0: back to back, and 100 in turn
//   AUGUR_BENCH_SEED        of the inputs; 1
//   AUGUR_BENCH_OUT         a file for the JSON
import Augur
import XCTest

final class BenchmarkTests: XCTestCase {
  func testLatency() throws {
    let environment = ProcessInfo.processInfo.environment
    var benchmark = Benchmark(model: try model(environment["AUGUR_BENCH_MODEL"]))
    for pair in list(environment["AUGUR_BENCH_TABLES"]) {
      let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
      let named = try XCTUnwrap(parts.count == 2 ? parts : nil, "'\(pair)' is not NAME=FILE")
      benchmark.tables.append((named[0], try file(named[1])))
    }
    benchmark.histories = try numbers("AUGUR_BENCH_HISTORY", or: [])
    benchmark.candidates = try numbers("AUGUR_BENCH_CANDIDATES", or: [100])
    benchmark.threads = try numbers("AUGUR_BENCH_THREADS", or: [1])
    benchmark.calls = try numbers("AUGUR_BENCH_CALLS", or: [200])[0]
    benchmark.seed = UInt64(try numbers("AUGUR_BENCH_SEED", or: [1])[0])

    // As an app ranks, now and then, and back to back.
    var report: BenchmarkReport?
    for pace in try numbers("AUGUR_BENCH_PACE", or: [100, 0]) {
      benchmark.paceMs = Double(pace)
      let run = try benchmark.run()
      if report == nil {
        report = run
      } else {
        // The first calls of the process are those of the first run.
        var further = run.runs[0]
        further.firstOfProcess = report!.runs[0].firstOfProcess
        further.memory = report!.runs[0].memory
        report!.runs.append(further)
      }
    }
    let json = try report!.json()
    for line in json.components(separatedBy: "\n") { print("augur-benchmark: \(line)") }
    if let out = environment["AUGUR_BENCH_OUT"] {
      try Data((json + "\n").utf8).write(to: URL(fileURLWithPath: out))
    }
    #if canImport(ObjectiveC)
      let attachment = XCTAttachment(string: json)
      attachment.name = "augur-benchmark.json"
      attachment.lifetime = .keepAlways
      add(attachment)
    #endif
    for run in report!.runs {
      for one in run.cases {
        XCTAssertEqual(one.scores.count, one.candidates)
        XCTAssertFalse(one.scores.sum.isNaN)
      }
    }
  }

  private func model(_ name: String?) throws -> URL {
    if let name = name { return try file(name) }
    for bundle in Bundle.allBundles {
      if let found = bundle.paths(forResourcesOfType: "augur", inDirectory: nil).first {
        return URL(fileURLWithPath: found)
      }
    }
    throw XCTSkip(
      "there is no model: add a .augur file to the app's or the test's target, or name one in "
        + "AUGUR_BENCH_MODEL")
  }

  // A file by its path, or of a bundle.
  private func file(_ name: String) throws -> URL {
    if name.hasPrefix("/") { return URL(fileURLWithPath: name) }
    for bundle in Bundle.allBundles {
      if let found = bundle.url(forResource: name, withExtension: nil) { return found }
    }
    throw AugurError(.notFound, "no bundle of this test has a file \(name)")
  }

  private func list(_ text: String?) -> [String] {
    (text ?? "").split(separator: ",").map(String.init)
  }

  private func numbers(_ name: String, or standard: [Int]) throws -> [Int] {
    guard let text = ProcessInfo.processInfo.environment[name] else { return standard }
    let numbers = list(text).map { Int($0) ?? -1 }
    if numbers.isEmpty || numbers.contains(where: { $0 < 0 }) {
      throw AugurError(.invalidArgument, "\(name) is '\(text)', expected numbers such as 20,50")
    }
    return numbers
  }
}
