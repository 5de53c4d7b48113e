import CAugur

// Calls with the columns as the C API wants them. Their memory is that of the Swift arrays, which stays
// in place during the call.
func withColumns<Result>(
  _ columns: [Column], rows: Int, _ call: (UnsafePointer<augur_column>?, Int) throws -> Result
) throws -> Result {
  for column in columns {
    // The C API takes `rows` counts for granted.
    if let counts = column.countsLength, counts != rows {
      throw AugurError(
        .shapeMismatch, "column '\(column.name)' has \(counts) counts for \(rows) rows")
    }
  }
  return try withUnsafeTemporaryAllocation(
    of: augur_column.self, capacity: columns.count
  ) { buffer in
    try withColumns(columns, from: 0, into: buffer, call)
  }
}

// Each level of the recursion holds one column in place.
private func withColumns<Result>(
  _ columns: [Column], from index: Int, into buffer: UnsafeMutableBufferPointer<augur_column>,
  _ call: (UnsafePointer<augur_column>?, Int) throws -> Result
) throws -> Result {
  if index == columns.count { return try call(UnsafePointer(buffer.baseAddress), index) }
  return try columns[index].withC { c_column in
    buffer.initializeElement(at: index, to: c_column)
    return try withColumns(columns, from: index + 1, into: buffer, call)
  }
}

extension Column {
  fileprivate func withC<Result>(_ call: (augur_column) throws -> Result) throws -> Result {
    try name.withCString { name in
      var column = augur_column()
      column.struct_size = MemoryLayout<augur_column>.stride
      column.name = name
      column.length = length
      column.id_form = form.rawValue
      return try withCounts { counts in
        column.counts = counts
        switch values {
        case .ids(let ids):
          return try ids.withUnsafeBufferPointer {
            column.ids = $0.baseAddress ?? nothing()
            return try call(column)
          }
        case .idBuffer(let ids):
          column.ids = ids.baseAddress ?? nothing()
          return try call(column)
        case .keys(let keys):
          return try withExtendedLifetime(keys) {
            column.strings = keys.strings.baseAddress
            return try call(column)
          }
        case .numbers(let numbers):
          return try numbers.withUnsafeBufferPointer {
            column.values = $0.baseAddress ?? nothing()
            return try call(column)
          }
        case .numberBuffer(let numbers):
          column.values = numbers.baseAddress ?? nothing()
          return try call(column)
        }
      }
    }
  }

  private func withCounts<Result>(
    _ call: (UnsafePointer<UInt32>?) throws -> Result
  ) throws -> Result {
    switch counts {
    case .array(let counts): return try counts.withUnsafeBufferPointer { try call($0.baseAddress) }
    case .buffer(let counts): return try call(counts.baseAddress)
    case nil: return try call(nil)
    }
  }
}

// The address of an empty list: NULL would say that there is none.
private func nothing<Value>() -> UnsafePointer<Value>? {
  UnsafePointer(bitPattern: MemoryLayout<Value>.alignment)
}
