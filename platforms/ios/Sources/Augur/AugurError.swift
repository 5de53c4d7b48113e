import CAugur
import Foundation

/// Why a call failed, or why one candidate has no score.
///
/// The cases up to ``cancelled`` are those of the C API (`augur_status`), with the same numbers.
public enum AugurStatus: UInt32, CaseIterable, Sendable {
  /// The call succeeded. An ``AugurError`` never has it.
  case ok = 0
  /// A value outside what is documented.
  case invalidArgument = 1
  /// A name that the model does not declare, or a file that is not there.
  case notFound = 2
  /// The file could not be read.
  case ioError = 3
  /// Not a model file, a damaged one, or one whose parts contradict each other.
  case badModel = 4
  /// The file needs a newer version of Augur.
  case newerModel = 5
  /// The block given is too small (``AugurError/requiredBytes`` is the size), or memory is missing.
  case outOfMemory = 6
  /// Columns of unequal lengths, a missing column, a vector of the wrong width.
  case shapeMismatch = 7
  /// An id outside its table, or a key that the vocabulary does not have, where the table's rule
  /// is "error".
  case outOfRange = 8
  /// This processor or this build of the library cannot do it.
  case unsupported = 9
  /// The model's numbers overflow on this input.
  case notFinite = 10
  /// ``Session/cancel()`` ended the call.
  case cancelled = 11
  /// The session is being used by another call. This status exists in Swift only; see ``Session``.
  case sessionInUse = 0x1000_0000

  /// A short English name such as "out of range".
  public var name: String {
    if self == .sessionInUse { return "session in use" }
    return String(cString: augur_status_name(augur_status(rawValue)))
  }

  /// A status that this version does not know counts as ``unsupported``.
  init(_ status: augur_status) {
    self = AugurStatus(rawValue: status.rawValue) ?? .unsupported
  }
}

/// What the calls of this module throw.
public struct AugurError: Error, Equatable, Sendable {
  /// The kind of failure.
  public let status: AugurStatus
  /// One or two English sentences: which field, what was expected, what came. For logs, not for an
  /// app's users.
  public let message: String
  /// With ``AugurStatus/outOfMemory``: how many bytes would have been enough; otherwise 0.
  public let requiredBytes: Int

  /// An error of an app's own, for ``ModelOptions/verifyContent``.
  public init(_ status: AugurStatus, _ message: String) {
    self.init(status, message, requiredBytes: 0)
  }

  init(_ status: AugurStatus, _ message: String, requiredBytes: Int) {
    self.status = status
    self.message = message
    self.requiredBytes = requiredBytes
  }
}

extension AugurError: LocalizedError, CustomStringConvertible {
  /// The status' name and the message.
  public var description: String { "\(status.name): \(message)" }
  /// The same, for `localizedDescription`.
  public var errorDescription: String? { description }
}

// Calls a function of the C API that fills an augur_error, and throws what it reports.
func throwing(_ call: (UnsafeMutablePointer<augur_error>) throws -> augur_status) throws {
  var error = augur_error()
  error.struct_size = MemoryLayout<augur_error>.stride
  let status = try call(&error)
  if status == AUGUR_OK { return }
  let message = withUnsafeBytes(of: error.message) { bytes in
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
  throw AugurError(AugurStatus(status), message, requiredBytes: error.required_bytes)
}

// A count for the C API. Negative numbers are refused by name.
func unsigned<Number: FixedWidthInteger>(_ number: Int, _ name: String) throws -> Number {
  guard number >= 0, let converted = Number(exactly: number) else {
    throw AugurError(.invalidArgument, "\(name) is \(number), expected 0 to \(Number.max)")
  }
  return converted
}
