// The JSON of a benchmark: docs/benchmark-json.md describes every member.
import Augur
import Foundation

struct BenchmarkReport: Encodable {
  struct Device: Encodable {
    var system: String
    var systemVersion: String
    var manufacturer: String?
    var model: String
    var abi: String
    var cores: Int
    var emulator: Bool?
  }

  struct ModelPart: Encodable {
    var name: String
    var id: String
    var fileBytes: Int
    var arenaBytes: Int
    var arenaUsedBytes: Int
  }

  struct Conditions: Encodable {
    var thermal: String?
    var lowPower: Bool?
  }

  struct First: Encodable {
    var openUs: Double
    var createUs: Double
    var rankUs: Double
  }

  struct Memory: Encodable {
    var residentGrowthBytes: Int
  }

  struct Times: Encodable {
    var calls: Int
    var minUs: Double
    var p50Us: Double
    var p90Us: Double
    var p99Us: Double

    // Of times in microseconds, at least one.
    init(_ times: [Double]) {
      let sorted = times.sorted()
      calls = times.count
      minUs = sorted[0]
      p50Us = percentile(sorted, 0.5)
      p90Us = percentile(sorted, 0.9)
      p99Us = percentile(sorted, 0.99)
    }
  }

  struct Scores: Encodable {
    var count: Int
    var bits: String
    var sum: Double
    var weightedSum: Double
    var samples: [Double]

    init(_ scores: [Float]) {
      count = scores.count
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325
      for score in scores {
        for shift in stride(from: UInt32(0), to: 32, by: 8) {
          hash = (hash ^ UInt64(score.bitPattern >> shift & 0xff)) &* 0x100_0000_01b3
        }
      }
      let digits = String(hash, radix: 16)
      bits = String(repeating: "0", count: 16 - digits.count) + digits
      sum = scores.reduce(0) { $0 + Double($1) }
      weightedSum = scores.enumerated().reduce(0) {
        $0 + Double($1.element) * Double($1.offset % 17) / 16
      }
      let m = min(scores.count, 16)
      samples = (0..<m).map { Double(scores[$0 * scores.count / m]) }
    }
  }

  struct Case: Encodable {
    var history: Int
    var candidates: Int
    var threads: Int
    var sessionBytes: Int
    var firstRankUs: Double
    var newUserRankUs: Double
    var rank: Times
    var appendAndRank: Times?
    var scores: Scores
  }

  struct Run: Encodable {
    var paceMs: Double
    var before: Conditions
    var after: Conditions
    var firstOfProcess: First
    var openUs: Double
    var createUs: Double
    var memory: Memory?
    var cases: [Case]
  }

  let format = "augur-benchmark"
  let version = 1
  let program = "xctest"
  let augur = AugurLibrary.version
  var device: Device
  var model: ModelPart
  var seed: UInt64
  var runs: [Run]

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}

// The smallest of the sorted values such that at least this part of them is not larger.
func percentile(_ sorted: [Double], _ part: Double) -> Double {
  sorted[max(0, Int((part * Double(sorted.count)).rounded(.up)) - 1)]
}
