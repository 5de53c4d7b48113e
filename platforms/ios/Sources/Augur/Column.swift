import CAugur

/// The values of one column: of the candidates, of events, or of the one row of a feature.
///
/// Which column a field reads is ``FieldInfo/column``, usually the field's own name.
///
/// ```swift
/// let candidates: [Column] = [
///   .keys("item", ["sku-7", "sku-9"]),                 // one string key a row
///   .ids("category", [2, 5]),                          // one id a row
///   .ids("tags", [1, 4, 9], counts: [2, 1]),           // several ids a row
///   .values("price", [0.2, 1.7]),                      // one number a row
/// ]
/// ```
///
/// Arrays are read in place. They are not copied, neither here nor in a call. Strings are written
/// into one block of UTF-8 bytes when the column is made; a list that is ranked again and again
/// should keep its columns.
///
/// A column may be used on several threads at the same time. If it was made from a buffer pointer,
/// the memory must stay readable and unchanged as long as the column is used.
public struct Column: @unchecked Sendable {
  // Sendable: arrays are values, KeyBytes never changes, and buffers are the app's, as stated above.

  /// What integers of a column are.
  public enum IDForm: UInt32, Sendable {
    /// Keys, if the field's table has a key type other than ``KeyType/row``; otherwise rows.
    case byField = 0
    /// Rows of the table.
    case rows = 1
    /// Keys; the table must have them.
    case keys = 2
  }

  enum Values {
    case ids([Int64])
    case idBuffer(UnsafeBufferPointer<Int64>)
    case keys(KeyBytes)
    case numbers([Float])
    case numberBuffer(UnsafeBufferPointer<Float>)
  }

  enum Counts {
    case array([UInt32])
    case buffer(UnsafeBufferPointer<UInt32>)
  }

  /// The column's name.
  public let name: String
  let values: Values
  let counts: Counts?
  var form = IDForm.byField

  /// One id or integer key a row.
  public static func ids(_ name: String, _ ids: [Int64]) -> Column {
    Column(name: name, values: .ids(ids), counts: nil)
  }

  /// One id or integer key a row, in the app's memory.
  public static func ids(_ name: String, _ ids: UnsafeBufferPointer<Int64>) -> Column {
    Column(name: name, values: .idBuffer(ids), counts: nil)
  }

  /// Several ids or integer keys a row: those of all rows, row after row, and how many each row has.
  public static func ids(_ name: String, _ ids: [Int64], counts: [UInt32]) -> Column {
    Column(name: name, values: .ids(ids), counts: .array(counts))
  }

  /// Several ids or integer keys a row, in the app's memory.
  public static func ids(
    _ name: String, _ ids: UnsafeBufferPointer<Int64>, counts: UnsafeBufferPointer<UInt32>
  ) -> Column {
    Column(name: name, values: .idBuffer(ids), counts: .buffer(counts))
  }

  /// One string key a row.
  public static func keys(_ name: String, _ keys: [String]) -> Column {
    Column(name: name, values: .keys(KeyBytes(keys)), counts: nil)
  }

  /// Several string keys a row: those of all rows, row after row, and how many each row has.
  public static func keys(_ name: String, _ keys: [String], counts: [UInt32]) -> Column {
    Column(name: name, values: .keys(KeyBytes(keys)), counts: .array(counts))
  }

  /// One number a row, or ``FieldInfo/width`` numbers a row, row after row. They must be finite.
  public static func values(_ name: String, _ values: [Float]) -> Column {
    Column(name: name, values: .numbers(values), counts: nil)
  }

  /// Numbers in the app's memory.
  public static func values(_ name: String, _ values: UnsafeBufferPointer<Float>) -> Column {
    Column(name: name, values: .numberBuffer(values), counts: nil)
  }

  /// The same column, whose integers are rows of the table, also where it has keys.
  public func asRows() -> Column { with(.rows) }

  /// The same column, whose integers are keys of the table's vocabulary.
  public func asKeys() -> Column { with(.keys) }

  private func with(_ form: IDForm) -> Column {
    var column = self
    column.form = form
    return column
  }

  // How many ids, keys or numbers there are.
  var length: Int {
    switch values {
    case .ids(let ids): return ids.count
    case .idBuffer(let ids): return ids.count
    case .keys(let keys): return keys.strings.count
    case .numbers(let numbers): return numbers.count
    case .numberBuffer(let numbers): return numbers.count
    }
  }

  var countsLength: Int? {
    switch counts {
    case .array(let counts): return counts.count
    case .buffer(let counts): return counts.count
    case nil: return nil
    }
  }

  // No more rows than this can be in the column.
  var mostRows: Int { countsLength ?? length }
}

// The bytes of string keys, side by side. They never change, so that threads may share them.
final class KeyBytes: @unchecked Sendable {
  private let bytes: UnsafeMutableBufferPointer<CChar>
  private let stored: UnsafeMutableBufferPointer<augur_string>
  var strings: UnsafeBufferPointer<augur_string> { UnsafeBufferPointer(stored) }

  init(_ keys: [String]) {
    let total = keys.reduce(0) { $0 + $1.utf8.count }
    bytes = .allocate(capacity: total)
    stored = .allocate(capacity: keys.count)
    var used = 0
    for (index, key) in keys.enumerated() {
      let begin = used
      for byte in key.utf8 {
        bytes.initializeElement(at: used, to: CChar(bitPattern: byte))
        used += 1
      }
      // An empty buffer has no address; an empty key does not need one.
      stored.initializeElement(
        at: index,
        to: augur_string(data: bytes.baseAddress.map { UnsafePointer($0 + begin) }, length: used - begin))
    }
  }

  deinit {
    bytes.deallocate()
    stored.deallocate()
  }
}
