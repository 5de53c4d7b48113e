import CAugur
import Foundation

/// One user's features and histories, and the memory in which candidates are ranked for that user.
///
/// ```swift
/// let session = try Session(model: model)
/// try session.setFeature("user", id: 5)
/// try session.setHistory([.ids("item", [3, 9]), .ids("category", [1, 4])], events: 2)
/// let scores = try session.rank(
///   [.ids("item", [7, 8, 2]), .ids("category", [2, 2, 1])], count: 3)
/// try session.append([.ids("item", [8]), .ids("category", [2])], events: 1)   // a tap
/// ```
///
/// Keep a session as long as the app shows lists for its user, and append every event: only what has
/// changed is computed anew. Apart from the arrays that a call returns, no call allocates memory
/// that grows with the list.
///
/// **Threads.** A session may move between threads and actors. It serves one call at a time: a call
/// that comes while another one runs throws ``AugurStatus/sessionInUse`` and does nothing. So two
/// threads can never disturb a ranking, and an app finds its mistake at once. ``cancel()`` alone may
/// be called at any time.
///
/// On the main actor use ``rankInBackground(_:count:)``; until it returns, do not call the session
/// again. To rank for several users at the same time, make a session for each.
///
/// **Errors.** Every call throws ``AugurError``. A call that throws leaves the session as it was.
public final class Session: @unchecked Sendable {
  // Sendable: `gate` lets one call at a time use what `handle` points to, but for
  // augur_session_cancel, which the C API allows on every thread.

  /// The model, which the session keeps open.
  public let model: Model
  let handle: OpaquePointer
  let gate = Gate()
  private let pool: Pool?

  /// Makes a session without a history. Its features are 0: row 0, or the padding id where ids are
  /// keys; number 0; no ids.
  ///
  /// - Throws: ``AugurStatus/notFound`` if a table has not been attached yet;
  ///   ``AugurStatus/outOfMemory`` with ``AugurError/requiredBytes`` if ``SessionOptions/memory`` is
  ///   too small, or without it if the session needs more than 1 GiB.
  public init(model: Model, options: SessionOptions = SessionOptions()) throws {
    let pool = options.parallelFor.map(Pool.init)
    var c_options = try options.c(pool: pool)
    var created: OpaquePointer?
    try model.locked { c_model in
      try throwing {
        augur_session_create(
          c_model, &c_options, options.memory?.baseAddress, options.memory?.count ?? 0, &created, $0)
      }
    }
    guard let handle = created else { throw AugurError(.outOfMemory, "no session was created") }
    self.model = model
    self.handle = handle
    self.pool = pool
  }

  deinit {
    model.locked { _ in augur_session_destroy(handle) }
  }

  /// The bytes that a session needs; they do not depend on the number of candidates.
  ///
  /// - Throws: ``AugurStatus/invalidArgument`` if the options are not possible with the model.
  public static func bytes(
    for model: Model, options: SessionOptions = SessionOptions()
  ) throws -> Int {
    let pool = options.parallelFor.map(Pool.init)
    var c_options = try options.c(pool: pool)
    let bytes = model.locked { augur_session_bytes($0, &c_options) }
    guard bytes > 0 else {
      throw AugurError(.invalidArgument, "the model cannot have a session with these options")
    }
    return bytes
  }

  // MARK: The user

  /// Sets one feature of the user or the request: a column of one row.
  public func setFeature(_ feature: Column) throws {
    try exclusively {
      try withColumns([feature], rows: 1) { columns, _ in
        try check(augur_session_set_feature(handle, columns))
      }
    }
  }

  /// Sets a feature of one id or integer key.
  public func setFeature(_ name: String, id: Int64) throws {
    try setFeature(.ids(name, [id]))
  }

  /// Sets a feature of one string key.
  public func setFeature(_ name: String, key: String) throws {
    try setFeature(.keys(name, [key]))
  }

  /// Sets a feature of one number.
  public func setFeature(_ name: String, number: Float) throws {
    try setFeature(.values(name, [number]))
  }

  /// Replaces the history, oldest event first. If there are more events than the limit, the newest
  /// are kept.
  ///
  /// - Parameters:
  ///   - columns: Every column that the stack's fields read, in any order, with a row an event.
  ///   - events: How many events there are. 0 with no columns empties the history.
  ///   - stack: Which behaviour sequence; nil: the model's only one.
  public func setHistory(_ columns: [Column], events: Int, stack: String? = nil) throws {
    try exclusively {
      try withColumns(columns, rows: events) { columns, count in
        try check(
          augur_session_set_history(handle, stack, columns, count, unsigned(events, "events")))
      }
    }
  }

  /// Adds events at the end of the history. Beyond the limit the oldest leave it.
  ///
  /// The parameters are those of ``setHistory(_:events:stack:)``.
  public func append(_ columns: [Column], events: Int = 1, stack: String? = nil) throws {
    try exclusively {
      try withColumns(columns, rows: events) { columns, count in
        try check(augur_session_append(handle, stack, columns, count, unsigned(events, "events")))
      }
    }
  }

  /// Back to a new session's state: no history, features 0.
  public func clear() throws {
    try exclusively { try check(augur_session_clear(handle)) }
  }

  /// How many events a stack holds now; 0 if there is no such stack.
  public func historyLength(stack: String? = nil) throws -> Int {
    try exclusively { augur_session_history_length(handle, stack) }
  }

  // MARK: Saving

  /// The features and histories as bytes, to be given to ``restore(_:)`` later, on this device.
  public func save() throws -> Data {
    try exclusively {
      var size = 0
      try check(augur_session_save(handle, nil, &size))
      var state = Data(count: size)
      try state.withUnsafeMutableBytes { bytes in
        try check(augur_session_save(handle, bytes.baseAddress, &size))
      }
      return state.prefix(size)
    }
  }

  /// Takes the features and histories of a saved session of this model, or of another model with
  /// the same ``ModelInfo/schemaID``.
  ///
  /// - Returns: What was found in the state.
  /// - Throws: ``AugurError`` if the state is damaged, of another schema, or longer than this
  ///   session's limits.
  @discardableResult
  public func restore(_ state: Data) throws -> RestoreReport {
    try exclusively {
      var report = augur_restore_report()
      report.struct_size = MemoryLayout<augur_restore_report>.stride
      try state.withUnsafeBytes { bytes in
        try withStart(bytes) { start in
          try check(augur_session_restore_report(handle, start, bytes.count, &report))
        }
      }
      return RestoreReport(
        isOfSameModel: report.by == AUGUR_RESTORED_BY_MODEL, unknownIDs: report.unknown_ids,
        droppedEvents: report.dropped_events)
    }
  }

  // MARK: Cancelling

  /// Ends the ranking that is running, from any thread. It returns at once; the ranking throws
  /// ``AugurStatus/cancelled`` as soon as each of its threads has finished its tile, usually within
  /// a millisecond. With no ranking running it does nothing, and a later one is not affected.
  ///
  /// Cancelling the task of ``rankInBackground(_:count:)`` does the same.
  public func cancel() {
    augur_session_cancel(handle)
  }

  // MARK: Inside

  // Runs a call while no other runs; otherwise throws.
  func exclusively<Result>(_ call: () throws -> Result) throws -> Result {
    try gate.enter()
    defer { gate.leave() }
    return try call()
  }

  // Throws why the last call failed, if it did.
  func check(_ status: augur_status) throws {
    if status == AUGUR_OK { return }
    throw AugurError(AugurStatus(status), String(cString: augur_session_error(handle)))
  }
}

/// What restoring a saved session found.
public struct RestoreReport: Equatable, Sendable {
  /// Whether the session was of this very model; otherwise it was of another one with the same
  /// schema.
  public let isOfSameModel: Bool
  /// Ids and keys that this model's tables do not have. Their tables' rules treat them.
  public let unknownIDs: Int
  /// Events that the model's mask rule now drops.
  public let droppedEvents: Int
}

// Lets one call at a time in.
final class Gate: @unchecked Sendable {
  private let lock = NSLock()
  private var isTaken = false  // guarded by `lock`

  func enter() throws {
    lock.lock()
    defer { lock.unlock() }
    if isTaken {
      throw AugurError(
        .sessionInUse,
        "another call on the session is running; a session serves one call at a time: wait for it, "
          + "cancel it, or use a session for each thread")
    }
    isTaken = true
  }

  func leave() {
    lock.lock()
    isTaken = false
    lock.unlock()
  }
}
