import CAugur
import Foundation

/// Whether a file is read in place, or copied.
public enum Load: UInt32, Sendable {
  /// The file is mapped. Opening is fast, and only the rows that are used occupy memory, which the
  /// system may take back at any time. The file must not be changed or cut short while the model
  /// is open; to replace it, move a new file to its place.
  case map = 0
  /// The file is copied into memory, and is not needed after the call.
  case copy = 1
}

/// What is checked of a file's bytes before anything in them is used.
public enum Verification: UInt32, Sendable {
  /// Nothing: what is read is checked as it is read.
  case nothing = 0
  /// The SHA-256 that the file states. All bytes are read. ``AugurStatus/unsupported`` if the file
  /// states none, as files of versions before 0.3 do.
  case contentHash = 1
}

/// How a ``Model`` is opened.
public struct ModelOptions {
  /// Whether the model's file is mapped or copied.
  public var load = Load.map
  /// What is checked of the model's file, and of every table and delta that is attached.
  public var verification = Verification.nothing
  /// Decides whether a file may be used, for example by a signature over its content hash. The
  /// content hash is then checked, too. It throws if the file must not be used; opening or
  /// attaching then throws that error. It is called on the thread that opens or attaches, and must
  /// not call the library.
  public var verifyContent: (@Sendable (ModelContent) throws -> Void)?
  /// Memory for the model's arena (packed weights, operators), of any alignment; it must outlive
  /// the model. nil: the library allocates it. ``Model/arenaBytes(contentsOf:options:)`` tells the
  /// size.
  public var arena: UnsafeMutableRawBufferPointer?

  /// The default: mapped, nothing verified, the library's own memory.
  public init(load: Load = .map, verification: Verification = .nothing) {
    self.load = load
    self.verification = verification
  }
}

/// A file whose content hash is right, before anything else in it is read.
public struct ModelContent {
  /// Its path, "buffer" or "file descriptor".
  public let file: String
  /// The table of a sidecar or a delta, as the app named it; "" for a model.
  public let table: String
  /// Its bytes, readable during the call only.
  public let bytes: UnsafeRawBufferPointer
  /// The id of the model that it is, or belongs to, as the file states it.
  public let modelID: Digest
  /// SHA-256 of the bytes, computed with the file's own hash as zeros.
  public let contentHash: Digest
}

/// 32 bytes that identify something: a SHA-256.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
  /// The bytes, 32 of them.
  public let bytes: [UInt8]
  /// Whether all bytes are 0: the file states no such hash.
  public var isZero: Bool { bytes.allSatisfy { $0 == 0 } }
  /// 64 hexadecimal digits.
  public var description: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  // From a C array of 32 bytes, which Swift imports as a tuple.
  init<Tuple>(_ tuple: Tuple) {
    bytes = withUnsafeBytes(of: tuple) { Array($0) }
  }
}

// Calls the app's verifyContent for the C API, and keeps what it threw.
final class ContentVerifier {
  private let verify: @Sendable (ModelContent) throws -> Void
  private var thrown: Error?

  init(_ verify: @escaping @Sendable (ModelContent) throws -> Void) {
    self.verify = verify
  }

  static let callback: augur_verify_content = { context, content in
    guard let context = context, let content = content else { return AUGUR_INVALID_ARGUMENT }
    let verifier = Unmanaged<ContentVerifier>.fromOpaque(context).takeUnretainedValue()
    return verifier.status(of: content.pointee)
  }

  private func status(of content: augur_content) -> augur_status {
    do {
      try verify(
        ModelContent(
          file: String(cString: content.file), table: String(cString: content.table),
          bytes: UnsafeRawBufferPointer(start: content.data, count: content.bytes),
          modelID: Digest(content.model_id), contentHash: Digest(content.content_hash)))
      return AUGUR_OK
    } catch {
      thrown = error
      guard let status = (error as? AugurError)?.status, status != .ok, status != .sessionInUse
      else { return AUGUR_BAD_MODEL }
      return augur_status(status.rawValue)
    }
  }

  // Runs a call that may ask the app, and throws the app's own error if that is why it fails.
  func passing<Result>(_ call: () throws -> Result) throws -> Result {
    thrown = nil
    do {
      return try call()
    } catch {
      throw thrown ?? error
    }
  }
}
