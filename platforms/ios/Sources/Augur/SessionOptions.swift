import CAugur
import Dispatch

/// How a ``Session`` is made. The default suits a model's own limits, on the caller's thread.
public struct SessionOptions {
  /// How many events are kept of every stack, if fewer than the model's limit; 0: that limit.
  public var maxHistory = 0
  /// How many candidates are computed together; 0: the library chooses.
  public var tile = 0
  /// How many threads rank, the caller's included, at most 64. Scores do not depend on it. The
  /// session starts and ends the others, unless there is ``parallelFor``.
  public var threads = 1
  /// Whether the session is a stream: the extractor's states continue when the oldest events leave
  /// a full history, so that one more event costs one step. Scores then differ from those of a
  /// session that is none.
  public var isStreaming = false
  /// How many ids a session keeps of one row of a field of several ids, at most 4096; 0: 16.
  public var maxIDsPerEvent = 0
  /// The app's thread pool; ``threads`` says how many of its tasks may run at the same time.
  /// ``dispatch`` is Dispatch's pool. nil: the session starts threads of its own.
  public var parallelFor: ParallelFor?
  /// Memory for the session, of any alignment; it must outlive the session.
  /// ``Session/bytes(for:options:)`` tells the size. nil: the library allocates it.
  public var memory: UnsafeMutableRawBufferPointer?

  /// Runs `task(0)` to `task(count - 1)`, on any threads, and returns when all of them have ended.
  /// It must not use the session.
  public typealias ParallelFor =
    @Sendable (_ count: Int, _ task: @Sendable (Int) -> Void) -> Void

  /// Dispatch's pool of threads.
  public static let dispatch: ParallelFor = { count, task in
    DispatchQueue.concurrentPerform(iterations: count, execute: task)
  }

  /// The default, on so many threads of the session's own.
  public init(threads: Int = 1) {
    self.threads = threads
  }

  // The C struct; `pool` must live as long as a session that is made of it.
  func c(pool: Pool?) throws -> augur_session_options {
    var options = augur_session_options()
    options.struct_size = MemoryLayout<augur_session_options>.stride
    options.max_history = try unsigned(maxHistory, "maxHistory")
    options.tile = try unsigned(tile, "tile")
    options.threads = try unsigned(threads, "threads")
    options.streaming = isStreaming ? 1 : 0
    options.max_ids_per_event = try unsigned(maxIDsPerEvent, "maxIDsPerEvent")
    if let pool = pool {
      options.parallel_for = Pool.callback
      options.parallel_for_context = Unmanaged.passUnretained(pool).toOpaque()
    }
    return options
  }
}

// The app's pool, as the C API calls it.
final class Pool: Sendable {
  private let parallelFor: SessionOptions.ParallelFor

  init(_ parallelFor: @escaping SessionOptions.ParallelFor) {
    self.parallelFor = parallelFor
  }

  // A task that may be run on any thread: the C API says so.
  private struct Task: @unchecked Sendable {
    let run: augur_task
    let context: UnsafeMutableRawPointer?
  }

  static let callback: augur_parallel_for = { context, run, taskContext, count in
    guard let context = context, let run = run else { return }
    let pool = Unmanaged<Pool>.fromOpaque(context).takeUnretainedValue()
    let task = Task(run: run, context: taskContext)
    pool.parallelFor(count) { index in task.run(task.context, index) }
  }
}
