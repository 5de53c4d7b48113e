import CAugur
import Dispatch
import Foundation

extension Session {
  // MARK: In the background

  /// Scores candidates on a thread of Dispatch's pool, so that the caller's actor stays free.
  ///
  /// ```swift
  /// let scores = try await session.rankInBackground(candidates, count: items.count)
  /// ```
  ///
  /// The session is in use from the call until it returns. If the task is cancelled, the ranking
  /// ends within a tile, usually less than a millisecond, and the call throws `CancellationError`;
  /// the session is as before. A ranking that is already complete gives its result.
  ///
  /// The parameters and other errors are those of ``rank(_:count:)``.
  public func rankInBackground(_ candidates: [Column], count: Int) async throws -> [Float] {
    try await inBackground { try $0.scores(candidates, count) }
  }

  /// ``rankEach(_:count:)`` in the background; see ``rankInBackground(_:count:)``.
  public func rankEachInBackground(
    _ candidates: [Column], count: Int
  ) async throws -> EachRanking {
    try await inBackground { try $0.each(candidates, count) }
  }

  /// ``topK(_:count:k:)`` in the background; see ``rankInBackground(_:count:)``.
  public func topKInBackground(
    _ candidates: [Column], count: Int, k: Int
  ) async throws -> [RankedCandidate] {
    try await inBackground { try $0.best(candidates, count, k) }
  }

  /// ``explain(_:count:row:stack:)`` in the background; see ``rankInBackground(_:count:)``.
  public func explainInBackground(
    _ candidates: [Column], count: Int, row: Int, stack: String? = nil
  ) async throws -> [Float] {
    try await inBackground { try $0.attention(candidates, count, row, stack) }
  }

  private func inBackground<Output: Sendable>(
    _ call: @escaping @Sendable (Session) throws -> Output
  ) async throws -> Output {
    try Task.checkCancellation()
    try gate.enter()
    let cancellation = Cancellation(of: self)
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global(qos: .userInitiated).async {
          let result = cancellation.run { try call(self) }
          self.gate.leave()
          continuation.resume(with: result)
        }
      }
    } onCancel: {
      cancellation.request()
    }
  }
}

// Cancels one call of a session, also if it is asked to before the call has begun.
//
// augur_session_cancel does not affect a call that begins later, and nobody can see the moment when the
// C library begins. So it is called again every half millisecond until the call has ended.
private final class Cancellation: @unchecked Sendable {
  private let session: Session
  private let lock = NSLock()
  private var isRequested = false  // guarded by `lock`, as is `isOver`
  private var isOver = false

  init(of session: Session) {
    self.session = session
  }

  func request() {
    lock.lock()
    isRequested = true
    let isOver = self.isOver
    // Under the lock, so that it cannot hit a later call of the session.
    if !isOver { session.cancel() }
    lock.unlock()
    if isOver { return }
    DispatchQueue.global(qos: .userInitiated)
      .asyncAfter(deadline: .now() + .microseconds(500)) { self.request() }
  }

  func run<Output>(_ call: () throws -> Output) -> Result<Output, Error> {
    lock.lock()
    let isRequested = self.isRequested
    lock.unlock()
    let result = isRequested ? .failure(CancellationError()) : Result(catching: call)
    lock.lock()
    isOver = true
    lock.unlock()
    return result.mapError { error in
      (error as? AugurError)?.status == .cancelled && wasRequested ? CancellationError() : error
    }
  }

  private var wasRequested: Bool {
    lock.lock()
    defer { lock.unlock() }
    return isRequested
  }
}
