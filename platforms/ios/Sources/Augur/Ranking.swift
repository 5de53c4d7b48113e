import CAugur

/// The scores of a list, with what they were computed from.
public struct Ranking: Sendable {
  /// A score a candidate: a click's probability, or with ``OutputKind/identity`` the logit.
  public let scores: [Float]
  /// What the network gives to each candidate.
  public let logits: [Float]
}

/// The scores of a list in which some candidates may be unusable.
public struct EachRanking: Sendable {
  /// A score and a logit a candidate; NaN where ``statuses`` is not ``AugurStatus/ok``.
  public let scores, logits: [Float]
  /// ``AugurStatus/ok``, or why a candidate has no score: ``AugurStatus/outOfRange``,
  /// ``AugurStatus/invalidArgument``, ``AugurStatus/badModel`` or ``AugurStatus/notFinite``.
  public let statuses: [AugurStatus]
}

/// One of the best candidates.
public struct RankedCandidate: Equatable, Sendable {
  /// Its place in the list that was given.
  public let index: Int
  /// Its score.
  public let score: Float

  /// For an app's own previews and tests.
  public init(index: Int, score: Float) {
    self.index = index
    self.score = score
  }
}

extension Session {
  // MARK: Ranking

  /// Scores candidates.
  ///
  /// - Parameters:
  ///   - candidates: Every column that the model's candidate fields read, in any order.
  ///   - count: How many candidates there are.
  /// - Returns: A score a candidate, in the list's order. A score does not depend on the other
  ///   candidates.
  /// - Throws: ``AugurError``. If one candidate is invalid, nothing is scored;
  ///   ``rankEach(_:count:)`` ranks the others.
  public func rank(_ candidates: [Column], count: Int) throws -> [Float] {
    try exclusively { try scores(candidates, count) }
  }

  /// Scores candidates, and gives their logits, too.
  public func rankWithLogits(_ candidates: [Column], count: Int) throws -> Ranking {
    try exclusively {
      try checkCount(count, candidates)
      var scores = [Float](repeating: 0, count: count)
      var logits = scores
      try rank(candidates, count, &scores, &logits)
      return Ranking(scores: scores, logits: logits)
    }
  }

  /// Scores candidates into the app's memory; the call allocates nothing.
  ///
  /// - Parameters:
  ///   - candidates: Every column that the model's candidate fields read, in any order.
  ///   - count: How many candidates there are.
  ///   - scores: Room for `count` scores; nil: they are not wanted.
  ///   - logits: Room for `count` logits; nil: they are not wanted.
  /// - Throws: ``AugurError``. If a candidate cannot be computed, or the call is cancelled, all
  ///   elements are NaN. If the columns are wrong, they are as they were.
  public func rank(
    _ candidates: [Column], count: Int, scores: UnsafeMutableBufferPointer<Float>?,
    logits: UnsafeMutableBufferPointer<Float>? = nil
  ) throws {
    for (name, room) in [("scores", scores), ("logits", logits)] {
      if let room = room, room.count < count {
        throw AugurError(.shapeMismatch, "\(name) has room for \(room.count) of \(count) candidates")
      }
    }
    try exclusively { try rank(candidates, count, scores?.baseAddress, logits?.baseAddress) }
  }

  /// Scores a list in which some candidates may be unusable, for example because of a key that the
  /// model does not know. The others get the same scores as from ``rank(_:count:)``.
  ///
  /// - Throws: ``AugurError`` if the call as a whole is wrong.
  public func rankEach(_ candidates: [Column], count: Int) throws -> EachRanking {
    try exclusively { try each(candidates, count) }
  }

  /// The best candidates, best first; ties go to the lower index.
  ///
  /// - Parameters:
  ///   - candidates: Every column that the model's candidate fields read, in any order.
  ///   - count: How many candidates there are.
  ///   - k: How many at most.
  public func topK(_ candidates: [Column], count: Int, k: Int) throws -> [RankedCandidate] {
    try exclusively { try best(candidates, count, k) }
  }

  /// The best of the usable candidates, and why the others are not usable.
  public func topKEach(
    _ candidates: [Column], count: Int, k: Int
  ) throws -> (best: [RankedCandidate], statuses: [AugurStatus]) {
    try exclusively {
      var statuses = [augur_status](repeating: AUGUR_OK, count: try checkCount(count, candidates))
      let best = try statuses.withUnsafeMutableBufferPointer { statuses in
        try self.best(candidates, count, k, statuses: statuses)
      }
      return (best, statuses.map(AugurStatus.init))
    }
  }

  /// Why one candidate got its score: the attention that each event of a stack's history receives
  /// from it, oldest first. The weights sum to 1 if the stack's attention has a softmax.
  ///
  /// - Parameters:
  ///   - candidates: Every column that the model's candidate fields read, in any order.
  ///   - count: How many candidates there are.
  ///   - row: Which of the candidates.
  ///   - stack: Which behaviour sequence; nil: the model's only one.
  /// - Throws: ``AugurStatus/notFound`` if the stack has no attention.
  public func explain(
    _ candidates: [Column], count: Int, row: Int, stack: String? = nil
  ) throws -> [Float] {
    try exclusively { try attention(candidates, count, row, stack) }
  }

  // MARK: Inside

  func scores(_ candidates: [Column], _ count: Int) throws -> [Float] {
    var scores = [Float](repeating: 0, count: try checkCount(count, candidates))
    try rank(candidates, count, &scores, nil)
    return scores
  }

  func each(_ candidates: [Column], _ count: Int) throws -> EachRanking {
    var scores = [Float](repeating: 0, count: try checkCount(count, candidates))
    var logits = scores
    var statuses = [augur_status](repeating: AUGUR_OK, count: count)
    try withColumns(candidates, rows: count) { columns, column_count in
      try statuses.withUnsafeMutableBufferPointer { statuses in
        var options = augur_each_options(
          struct_size: MemoryLayout<augur_each_options>.stride, statuses: statuses.baseAddress)
        try check(
          augur_rank_each(handle, columns, column_count, count, &scores, &logits, &options))
      }
    }
    return EachRanking(scores: scores, logits: logits, statuses: statuses.map(AugurStatus.init))
  }

  // With `statuses` unusable candidates are left out; without, they are an error.
  func best(
    _ candidates: [Column], _ count: Int, _ k: Int,
    statuses: UnsafeMutableBufferPointer<augur_status>? = nil
  ) throws -> [RankedCandidate] {
    let room: Int = try unsigned(min(k, try checkCount(count, candidates)), "k")
    var indices = [Int](repeating: 0, count: room)
    var scores = [Float](repeating: 0, count: room)
    var found = 0
    try withColumns(candidates, rows: count) { columns, column_count in
      if let statuses = statuses {
        var options = augur_each_options(
          struct_size: MemoryLayout<augur_each_options>.stride, statuses: statuses.baseAddress)
        try check(
          augur_rank_top_k_each(
            handle, columns, column_count, count, room, &indices, &scores, &found, &options))
      } else {
        try check(
          augur_rank_top_k(
            handle, columns, column_count, count, room, &indices, &scores, &found))
      }
    }
    return (0..<found).map { RankedCandidate(index: indices[$0], score: scores[$0]) }
  }

  func attention(
    _ candidates: [Column], _ count: Int, _ row: Int, _ stack: String?
  ) throws -> [Float] {
    let c_row: Int = try unsigned(row, "row")
    let room = augur_session_history_length(handle, stack)
    var weights = [Float](repeating: 0, count: room)
    var events = 0
    try withColumns(candidates, rows: try checkCount(count, candidates)) { columns, column_count in
      try check(
        augur_explain(
          handle, stack, columns, column_count, count, c_row, &weights, room, &events))
    }
    return weights
  }

  private func rank(
    _ candidates: [Column], _ count: Int, _ scores: UnsafeMutablePointer<Float>?,
    _ logits: UnsafeMutablePointer<Float>?
  ) throws {
    try checkCount(count, candidates)
    try withColumns(candidates, rows: count) { columns, column_count in
      try check(augur_rank(handle, columns, column_count, count, scores, logits))
    }
  }

  // Refuses a count that the columns cannot have, before arrays of that length are made.
  @discardableResult
  private func checkCount(_ count: Int, _ candidates: [Column]) throws -> Int {
    if count < 0 {
      throw AugurError(.invalidArgument, "count is \(count), expected 0 or more")
    }
    if let short = candidates.first(where: { $0.mostRows < count }) {
      throw AugurError(
        .shapeMismatch,
        "column '\(short.name)' has \(short.mostRows) rows, too few for \(count) candidates")
    }
    if candidates.isEmpty && count > 0 {
      throw AugurError(.shapeMismatch, "there are no columns for \(count) candidates")
    }
    return count
  }
}
