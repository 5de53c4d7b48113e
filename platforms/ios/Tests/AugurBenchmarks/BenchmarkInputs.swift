// Random inputs that fit a model, the same as augur-bench makes from a seed: docs/benchmark-json.md,
// "Inputs".
import Augur
import Foundation

// splitmix64.
struct SplitMix {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: UInt64) -> UInt64 { next() % bound }

  mutating func unit() -> Float { Float(next() >> 40) * 0x1p-24 }
}

// The inputs of one case.
struct BenchmarkInputs {
  static let newEvents = 64

  let features: [Column]
  let candidates: [Column]
  // For each stack: its name, its history, how many events that has, and the events to append.
  let stacks: [(name: String, history: [Column], events: Int, appended: [[Column]])]

  init(model: Model, seed: UInt64, history: Int, candidates count: Int) {
    var random = SplitMix(seed: seed)
    features = BenchmarkInputs.columns(model.features, rows: 1, &random)
    candidates = BenchmarkInputs.columns(model.candidateFields, rows: count, &random)
    stacks = model.stacks.map { stack in
      let events = min(history, stack.maxHistory)
      let past = BenchmarkInputs.columns(stack.fields, rows: events, &random)
      let appended = (0..<BenchmarkInputs.newEvents).map { _ in
        BenchmarkInputs.columns(stack.fields, rows: 1, &random)
      }
      return (stack.name, past, events, appended)
    }
  }

  // A column for each name, in the order in which fields first name them. Fields that read one column
  // share it; its rows are the fewest of their tables.
  private static func columns(
    _ fields: [FieldInfo], rows: Int, _ random: inout SplitMix
  ) -> [Column] {
    var named: [(field: FieldInfo, tableRows: Int)] = []
    for field in fields {
      if let same = named.firstIndex(where: { $0.field.column == field.column }) {
        named[same].tableRows = min(named[same].tableRows, field.tableRows)
      } else {
        named.append((field, field.tableRows))
      }
    }
    return named.map { field, tableRows in
      column(field, tableRows: tableRows, rows: rows, &random)
    }
  }

  private static func column(
    _ field: FieldInfo, tableRows: Int, rows: Int, _ random: inout SplitMix
  ) -> Column {
    var ids: [Int64] = []
    var counts: [UInt32] = []
    var values: [Float] = []
    func id() -> Int64 {
      tableRows < 2 ? 0 : 1 + Int64(random.below(UInt64(tableRows - 1)))
    }
    for _ in 0..<rows {
      switch field.kind {
      case .id:
        ids.append(id())
      case .ids:
        let count = 1 + random.below(3)
        counts.append(UInt32(count))
        for _ in 0..<count { ids.append(id()) }
      case .number, .vector:
        for _ in 0..<field.width { values.append(random.unit()) }
      }
    }
    switch field.kind {
    case .id: return Column.ids(field.column, ids).asRows()
    case .ids: return Column.ids(field.column, ids, counts: counts).asRows()
    case .number, .vector: return .values(field.column, values)
    }
  }
}
