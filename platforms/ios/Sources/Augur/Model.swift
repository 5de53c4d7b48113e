import CAugur
import Foundation

/// A model: opened once, shared by any number of threads and sessions.
///
/// ```swift
/// let model = try Model(resource: "dien")            // dien.augur in the app's bundle
/// let session = try Session(model: model)
/// ```
///
/// A model is closed when the last reference to it goes. Each ``Session`` holds one, so the order in
/// which an app lets go of them does not matter.
///
/// **Threads.** A model may be used on all threads at the same time. It is immutable but for
/// ``attachTable(_:from:)``, ``attachDelta(_:from:)`` and ``detachDeltas(_:keeping:)``; these and
/// all other calls on the model wait for each other. Ranking is a call on a session and never waits.
///
/// Opening takes milliseconds. It reads a file, so do it off the main thread if the model is large.
public final class Model: @unchecked Sendable {
  // Sendable: `handle` is constant, and every use of what it points to is under `lock`, but for
  // ranking, which only reads. The C API refuses to attach while a session exists.
  private let lock = NSLock()
  private let handle: OpaquePointer
  private let verifier: ContentVerifier?
  // What keeps the bytes readable that are used in place; guarded by `lock`.
  private var owners: [AnyObject]

  // MARK: Opening

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - url: A file URL. With ``Load/map`` the file must not be changed while the model is open.
  ///   - options: How it is opened.
  /// - Throws: ``AugurError``, among others with ``AugurStatus/notFound``,
  ///   ``AugurStatus/badModel`` or ``AugurStatus/newerModel``.
  public convenience init(contentsOf url: URL, options: ModelOptions = ModelOptions()) throws {
    try self.init(options: options, owner: nil) { c_options, model, error in
      try withPath(url) { augur_model_open_file($0, c_options, model, error) }
    }
  }

  /// Opens a file of the app's bundle.
  ///
  /// - Parameters:
  ///   - name: The file's name without its extension.
  ///   - fileExtension: The extension.
  ///   - bundle: The bundle; in a Swift package's target, give `.module`.
  ///   - options: How it is opened.
  public convenience init(
    resource name: String, withExtension fileExtension: String = "augur",
    in bundle: Bundle = .main, options: ModelOptions = ModelOptions()
  ) throws {
    guard let url = bundle.url(forResource: name, withExtension: fileExtension) else {
      throw AugurError(
        .notFound,
        "the bundle \(bundle.bundlePath) has no file \(name).\(fileExtension); add it to the "
          + "target's Copy Bundle Resources")
    }
    try self.init(contentsOf: url, options: options)
  }

  /// Opens a model in memory. The bytes are copied into the model's arena.
  public convenience init(data: Data, options: ModelOptions = ModelOptions()) throws {
    var options = options
    options.load = .copy
    try self.init(options: options, owner: nil) { c_options, model, error in
      data.withUnsafeBytes { bytes in
        withStart(bytes) { augur_model_open_buffer($0, bytes.count, c_options, model, error) }
      }
    }
  }

  /// Opens a model in memory, which is read in place.
  ///
  /// - Parameters:
  ///   - bytes: They must stay readable and unchanged as long as the model exists. An alignment of
  ///     64 is best; where it is not a multiple of 4 the bytes are copied.
  ///   - owner: An object that frees the bytes when it goes. The model keeps it until it is closed.
  ///   - options: How it is opened.
  public convenience init(
    bytesNoCopy bytes: UnsafeRawBufferPointer, owner: AnyObject? = nil,
    options: ModelOptions = ModelOptions()
  ) throws {
    try self.init(options: options, owner: owner) { c_options, model, error in
      withStart(bytes) { augur_model_open_buffer($0, bytes.count, c_options, model, error) }
    }
  }

  /// Opens a part of an open file.
  ///
  /// - Parameters:
  ///   - fileDescriptor: It may be closed after the call.
  ///   - offset: Where the model begins, in bytes.
  ///   - length: How many bytes it has; 0: up to the file's end.
  ///   - options: How it is opened.
  public convenience init(
    fileDescriptor: Int32, offset: UInt64 = 0, length: UInt64 = 0,
    options: ModelOptions = ModelOptions()
  ) throws {
    try self.init(options: options, owner: nil) { c_options, model, error in
      augur_model_open_fd(fileDescriptor, offset, length, c_options, model, error)
    }
  }

  /// The bytes that ``ModelOptions/arena`` needs for a file, with these options.
  public static func arenaBytes(
    contentsOf url: URL, options: ModelOptions = ModelOptions()
  ) throws -> Int {
    var none: UInt8 = 0
    do {
      try withUnsafeMutableBytes(of: &none) { place in
        var options = options
        options.arena = UnsafeMutableRawBufferPointer(rebasing: place[..<0])
        options.verifyContent = nil
        _ = try Model(contentsOf: url, options: options)
      }
    } catch let error as AugurError where error.status == .outOfMemory && error.requiredBytes > 0 {
      return error.requiredBytes
    }
    return 0
  }

  private typealias Open = (
    UnsafePointer<augur_model_options>, UnsafeMutablePointer<OpaquePointer?>,
    UnsafeMutablePointer<augur_error>
  ) throws -> augur_status

  private init(options: ModelOptions, owner: AnyObject?, open: Open) throws {
    guard AugurLibrary.isCompatible else {
      throw AugurError(
        .unsupported,
        "the library has version \(AugurLibrary.version), which does not serve this Swift module; "
          + "use the framework of the same release")
    }
    let verifier = options.verifyContent.map(ContentVerifier.init)
    var c_options = augur_model_options()
    c_options.struct_size = MemoryLayout<augur_model_options>.stride
    c_options.memory = options.arena?.baseAddress
    c_options.memory_bytes = options.arena?.count ?? 0
    c_options.load = options.load.rawValue
    c_options.verify = options.verification.rawValue
    if let verifier = verifier {
      c_options.verify_content = ContentVerifier.callback
      c_options.verify_context = Unmanaged.passUnretained(verifier).toOpaque()
    }
    var opened: OpaquePointer?
    try Model.asking(verifier) {
      try throwing { try open(&c_options, &opened, $0) }
    }
    guard let handle = opened else { throw AugurError(.invalidArgument, "no model was opened") }
    self.handle = handle
    self.verifier = verifier
    owners = owner.map { [$0] } ?? []
  }

  deinit {
    augur_model_close(handle)
  }

  // Runs a call on the C model while no other runs.
  func locked<Result>(_ call: (OpaquePointer) throws -> Result) rethrows -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try call(handle)
  }

  private static func asking<Result>(
    _ verifier: ContentVerifier?, _ call: () throws -> Result
  ) throws -> Result {
    guard let verifier = verifier else { return try call() }
    return try verifier.passing(call)
  }

  // MARK: Tables

  /// Gives the model the rows of a table that its file does not hold (a sidecar file, made with
  /// `augur-convert --sidecar`).
  ///
  /// Every such table must be attached before the first session is created. Attaching again
  /// replaces the rows and drops the table's deltas. While a session of the model exists it throws
  /// ``AugurStatus/invalidArgument``. If it throws, the model keeps the rows that it had.
  public func attachTable(_ table: String, from source: TableSource) throws {
    try attach(table, source, augur_model_attach_table_from)
  }

  /// The same with a mapped file.
  public func attachTable(_ table: String, contentsOf url: URL) throws {
    try attachTable(table, from: .file(url))
  }

  /// Changes a table's attached rows by a delta, a small file of changed and new rows and keys, made
  /// with `augur-convert --delta`. Deltas are attached in their order, at most 8. The conditions are
  /// those of ``attachTable(_:from:)``.
  public func attachDelta(_ table: String, from source: TableSource) throws {
    try attach(table, source, augur_model_attach_delta)
  }

  /// The same with a mapped file.
  public func attachDelta(_ table: String, contentsOf url: URL) throws {
    try attachDelta(table, from: .file(url))
  }

  /// Takes deltas off a table, the newest first, until `keeping` of them are left.
  public func detachDeltas(_ table: String, keeping kept: Int) throws {
    let keep: UInt32 = try unsigned(kept, "keeping")
    try locked { handle in
      try throwing { augur_model_detach_deltas(handle, table, keep, $0) }
    }
  }

  private typealias Attach = (
    OpaquePointer?, UnsafePointer<CChar>?, UnsafePointer<augur_table_source>?,
    UnsafeMutablePointer<augur_error>?
  ) -> augur_status

  private func attach(_ table: String, _ source: TableSource, _ attach: Attach) throws {
    try locked { handle in
      try Model.asking(verifier) {
        try source.withC { c_source in
          var c_source = c_source
          try throwing { attach(handle, table, &c_source, $0) }
        }
      }
      if let owner = source.owner { owners.append(owner) }
    }
  }

  // MARK: Keys

  /// The row of a string key in a table's vocabulary; nil if it does not have the key. The table's
  /// rule for such keys is not applied.
  ///
  /// - Throws: ``AugurStatus/invalidArgument`` if there is no such table, or if it has no
  ///   vocabulary of strings.
  public func row(of key: String, in table: String) throws -> Int? {
    var key = key
    return try key.withUTF8 { bytes in
      try bytes.withMemoryRebound(to: CChar.self) { bytes in
        try find(table, "strings") { augur_model_find_string($0, table, bytes.baseAddress, bytes.count, $1) }
      }
    }
  }

  /// The row of a 64-bit key in a table's vocabulary; nil if it does not have the key.
  ///
  /// - Throws: ``AugurStatus/invalidArgument`` if there is no such table, or if it has no
  ///   vocabulary of integers.
  public func row(of key: Int64, in table: String) throws -> Int? {
    try find(table, "integers") { augur_model_find_integer($0, table, key, $1) }
  }

  private func find(
    _ table: String, _ keys: String,
    _ look: (OpaquePointer, UnsafeMutablePointer<UInt32>) -> augur_status
  ) throws -> Int? {
    var row: UInt32 = 0
    let status = locked { look($0, &row) }
    if status == AUGUR_OK { return Int(row) }
    if status == AUGUR_NOT_FOUND { return nil }
    throw AugurError(
      AugurStatus(status), "the model has no table '\(table)' with a vocabulary of \(keys)")
  }
}

// The file's path as the file system wants it.
func withPath<Result>(_ url: URL, _ call: (UnsafePointer<CChar>) throws -> Result) throws -> Result {
  guard url.isFileURL else {
    throw AugurError(.invalidArgument, "'\(url.absoluteString)' is not the URL of a file")
  }
  return try url.withUnsafeFileSystemRepresentation { path in
    guard let path = path else {
      throw AugurError(.invalidArgument, "'\(url.path)' cannot be a file's path")
    }
    return try call(path)
  }
}

// Where the bytes begin. An empty buffer has no address; the C API wants one, to report the length.
func withStart<Result>(
  _ bytes: UnsafeRawBufferPointer, _ call: (UnsafeRawPointer) throws -> Result
) rethrows -> Result {
  if let start = bytes.baseAddress { return try call(start) }
  return try withUnsafeBytes(of: UInt8(0)) { try call($0.baseAddress!) }
}
