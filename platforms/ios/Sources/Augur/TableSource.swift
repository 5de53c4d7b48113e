import CAugur
import Foundation

/// Where the rows of a table, or a delta's changes, come from.
public struct TableSource {
  enum Place {
    case file(URL)
    case fileDescriptor(Int32, offset: UInt64, length: UInt64)
    case data(Data)
    case bytes(UnsafeRawBufferPointer)
  }

  let place: Place
  let owner: AnyObject?

  /// Whether the source is read in place or copied. A copy of ``data(_:)`` is always made.
  public var load = Load.map
  /// Memory for a copy; it must outlive the model, or stay until the table has been attached again.
  /// nil: the library allocates it, unless the model's own arena is an app's block.
  public var memory: UnsafeMutableRawBufferPointer?

  /// A file. With ``Load/map`` it must not be changed while the model is open.
  public static func file(_ url: URL) -> TableSource {
    TableSource(place: .file(url), owner: nil)
  }

  /// A part of an open file, which may be closed after the call. Length 0: up to its end.
  public static func fileDescriptor(
    _ descriptor: Int32, offset: UInt64 = 0, length: UInt64 = 0
  ) -> TableSource {
    TableSource(
      place: .fileDescriptor(descriptor, offset: offset, length: length), owner: nil)
  }

  /// Bytes in memory, which are copied.
  public static func data(_ data: Data) -> TableSource {
    TableSource(place: .data(data), owner: nil, load: .copy)
  }

  /// Bytes in memory, which are read in place. They must stay readable and unchanged as long as the
  /// model exists; the model keeps `owner` that long.
  public static func bytesNoCopy(
    _ bytes: UnsafeRawBufferPointer, owner: AnyObject? = nil
  ) -> TableSource {
    TableSource(place: .bytes(bytes), owner: owner)
  }

  // Calls with the C struct, which is valid during the call.
  func withC<Result>(_ call: (augur_table_source) throws -> Result) throws -> Result {
    var source = augur_table_source()
    source.struct_size = MemoryLayout<augur_table_source>.stride
    source.load = load.rawValue
    source.memory = memory?.baseAddress
    source.memory_bytes = memory?.count ?? 0
    switch place {
    case .file(let url):
      return try withPath(url) { path in
        source.path = path
        return try call(source)
      }
    case .fileDescriptor(let descriptor, let offset, let length):
      source.fd = descriptor
      source.offset = offset
      source.length = length
      return try call(source)
    case .data(let data):
      source.load = Load.copy.rawValue
      return try data.withUnsafeBytes { bytes in
        try withStart(bytes) { start in
          source.data = start
          source.bytes = bytes.count
          return try call(source)
        }
      }
    case .bytes(let bytes):
      return try withStart(bytes) { start in
        source.data = start
        source.bytes = bytes.count
        return try call(source)
      }
    }
  }
}
