// A session on several threads, in the background, and cancelled.
import Augur
import Foundation
import XCTest

final class ThreadTests: XCTestCase {
  // A list that takes some tenths of a second.
  private static let long = 400_000

  func testTwoThreadsAtOnceAreAnErrorAndNoRace() throws {
    let shop = try Fixtures.shop()
    let session = shop.session
    let candidates = try shop.candidates(200)
    let expected = bits(try session.rank(candidates, count: 200))
    let counts = Counts()
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      for _ in 0..<100 {
        do {
          let scores = try session.rank(candidates, count: 200)
          counts.add(bits(scores) == expected ? "right" : "wrong")
        } catch let error as AugurError where error.status == .sessionInUse {
          counts.add("in use")
        } catch {
          counts.add("\(error)")
        }
      }
    }
    XCTAssertEqual(counts["right"] + counts["in use"], 800, "\(counts)")
    XCTAssertGreaterThan(counts["right"], 0)
    XCTAssertEqual(bits(try session.rank(candidates, count: 200)), expected)
  }

  func testEveryCallIsRefusedWhileAnotherRuns() throws {
    let shop = try Fixtures.shop()
    let session = shop.session
    let state = try session.save()
    let candidates = try shop.candidates(4)
    let long = try shop.candidates(ThreadTests.long)
    let ended = expectation(description: "the long ranking has ended")
    DispatchQueue.global().async {
      assertThrows(.cancelled) {
        try whileRefused { try session.rank(long, count: ThreadTests.long) }
      }
      ended.fulfill()
    }
    let limit = Limit()
    while !isInUse(session), limit.holds("the ranking does not begin") { usleep(100) }
    let words = "another call"
    assertThrows(.sessionInUse, words) { try session.rank(candidates, count: 4) }
    assertThrows(.sessionInUse, words) { try session.rankWithLogits(candidates, count: 4) }
    assertThrows(.sessionInUse, words) { try session.rank(candidates, count: 4, scores: nil) }
    assertThrows(.sessionInUse, words) { try session.rankEach(candidates, count: 4) }
    assertThrows(.sessionInUse, words) { try session.topK(candidates, count: 4, k: 1) }
    assertThrows(.sessionInUse, words) { try session.topKEach(candidates, count: 4, k: 1) }
    assertThrows(.sessionInUse, words) { try session.explain(candidates, count: 4, row: 0) }
    assertThrows(.sessionInUse, words) { try session.setFeature("user", id: 1) }
    assertThrows(.sessionInUse, words) { try session.setHistory([], events: 0) }
    assertThrows(.sessionInUse, words) { try session.append([], events: 0) }
    assertThrows(.sessionInUse, words) { try session.historyLength() }
    assertThrows(.sessionInUse, words) { try session.clear() }
    assertThrows(.sessionInUse, words) { try session.save() }
    assertThrows(.sessionInUse, words) { try session.restore(state) }
    // Again and again: with no ranking running yet it does nothing.
    while isInUse(session), limit.holds("the ranking does not end") {
      session.cancel()
      usleep(1000)
    }
    wait(for: [ended], timeout: 30)
    XCTAssertEqual(try session.rank(candidates, count: 4).count, 4)
  }

  func testRankingsInTheBackground() async throws {
    let shop = try Fixtures.shop()
    let candidates = try shop.candidates(100)
    let scores = try await shop.session.rankInBackground(candidates, count: 100)
    let direct = try shop.session.rankEach(candidates, count: 100)
    XCTAssertEqual(bits(scores), bits(direct.scores))
    let each = try await shop.session.rankEachInBackground(candidates, count: 100)
    XCTAssertEqual(bits(each.scores), bits(direct.scores))
    let best = try await shop.session.topKInBackground(candidates, count: 100, k: 5)
    XCTAssertEqual(best, try shop.session.topK(candidates, count: 100, k: 5))
    let weights = try await shop.session.explainInBackground(candidates, count: 100, row: 3)
    XCTAssertEqual(bits(weights), bits(try shop.session.explain(candidates, count: 100, row: 3)))
    do {
      _ = try await shop.session.rankInBackground(candidates, count: 101)
      XCTFail("did not throw")
    } catch let error as AugurError {
      XCTAssertEqual(error.status, .shapeMismatch)
    }
  }

  func testTheMainActorStaysFree() async throws {
    let shop = try Fixtures.shop()
    let session = shop.session
    let long = try shop.candidates(ThreadTests.long)
    let task = Task { @MainActor in
      try await rankWhileRefused(session, long, count: ThreadTests.long)
    }
    // The main actor runs other work while the session is in use.
    var turns = 0
    let limit = Limit()
    while turns < 20, limit.holds("the ranking was seen \(turns) times") {
      let inUse = await MainActor.run { isInUse(session) }
      if inUse { turns += 1 }
    }
    task.cancel()
    await assertCancelled(task)
  }

  func testCancellingATask() async throws {
    let shop = try Fixtures.shop()
    let session = shop.session
    let long = try shop.candidates(ThreadTests.long)
    var latencies: [Double] = []
    for _ in 0..<10 {
      let task = Task { try await rankWhileRefused(session, long, count: ThreadTests.long) }
      let limit = Limit()
      while !isInUse(session), limit.holds("the ranking does not begin") { await Task.yield() }
      try await Task.sleep(nanoseconds: 2_000_000)
      let begin = DispatchTime.now().uptimeNanoseconds
      task.cancel()
      await assertCancelled(task)
      latencies.append(Double(DispatchTime.now().uptimeNanoseconds - begin) / 1e6)
    }
    let median = latencies.sorted()[latencies.count / 2]
    print("cancel to end of the task: median \(median) ms, worst \(latencies.max()!) ms")
    XCTAssertLessThan(median, 50)
    // The session is as before.
    let few = try shop.candidates(30)
    XCTAssertEqual(
      bits(try session.rank(few, count: 30)),
      bits(try Fixtures.shop().session.rank(few, count: 30)))
  }

  // However early the task is cancelled: before it begins, and in the first microseconds of its call.
  func testCancellingAtAnyMoment() async throws {
    let shop = try Fixtures.shop()
    let session = shop.session
    let long = try shop.candidates(ThreadTests.long)
    for spins in stride(from: 0, to: 2000, by: 50) {
      let task = Task { try await session.rankInBackground(long, count: ThreadTests.long) }
      for _ in 0..<spins { await Task.yield() }
      task.cancel()
      await assertCancelled(task)
    }
  }

  // A cancelled call must not end the session's next one.
  func testCancellingDoesNotReachTheNextCall() async throws {
    let shop = try Fixtures.shop()
    let session = shop.session
    let candidates = try shop.candidates(300)
    let expected = bits(try session.rank(candidates, count: 300))
    for _ in 0..<100 {
      let task = Task { try await session.rankInBackground(candidates, count: 300) }
      task.cancel()
      _ = await task.result
      XCTAssertEqual(bits(try session.rank(candidates, count: 300)), expected)
    }
  }

  func testManySessionsOfOneModel() throws {
    let shop = try Fixtures.shop()
    let candidates = try shop.candidates(100)
    let expected = bits(try shop.session.rank(candidates, count: 100))
    let counts = Counts()
    DispatchQueue.concurrentPerform(iterations: 16) { _ in
      do {
        for _ in 0..<10 {
          let session = try Session(model: shop.model)
          try shop.request.set(session)
          _ = shop.model.tables
          let right = bits(try session.rank(candidates, count: 100)) == expected
          counts.add(right ? "right" : "wrong")
        }
      } catch {
        counts.add("\(error)")
      }
    }
    XCTAssertEqual(counts["right"], 160, "\(counts)")
    XCTAssertEqual(shop.model.info.sessionCount, 1)
  }
}

// Whether another thread is in a call of the session. To see that, it takes the session for a moment; so a call which
// must not fail for that goes through one of the next two functions.
private func isInUse(_ session: Session) -> Bool {
  do {
    _ = try session.historyLength()
    return false
  } catch {
    return true
  }
}

private func whileRefused<Result>(_ call: () throws -> Result) throws -> Result {
  while true {
    do {
      return try call()
    } catch let error as AugurError where error.status == .sessionInUse {
      usleep(100)
    }
  }
}

private func rankWhileRefused(
  _ session: Session, _ candidates: [Column], count: Int
) async throws -> [Float] {
  while true {
    do {
      return try await session.rankInBackground(candidates, count: count)
    } catch let error as AugurError where error.status == .sessionInUse {
      await Task.yield()
    }
  }
}

// Ends a loop that waits for another thread, and fails the test, after 30 seconds.
private struct Limit {
  private let end = DispatchTime.now() + .seconds(30)

  func holds(_ words: String, file: StaticString = #filePath, line: UInt = #line) -> Bool {
    if DispatchTime.now() < end { return true }
    XCTFail("after 30 s: \(words)", file: file, line: line)
    return false
  }
}

private func assertCancelled(
  _ task: Task<[Float], Error>, file: StaticString = #filePath, line: UInt = #line
) async {
  switch await task.result {
  case .success: XCTFail("was not cancelled", file: file, line: line)
  case .failure(let error):
    XCTAssert(error is CancellationError, "\(error)", file: file, line: line)
  }
}

// Counts by name, from any thread.
final class Counts: @unchecked Sendable, CustomStringConvertible {
  private let lock = NSLock()
  private var counts: [String: Int] = [:]

  func add(_ name: String) {
    lock.lock()
    counts[name, default: 0] += 1
    lock.unlock()
  }

  subscript(name: String) -> Int {
    lock.lock()
    defer { lock.unlock() }
    return counts[name, default: 0]
  }

  var description: String {
    lock.lock()
    defer { lock.unlock() }
    return "\(counts)"
  }
}
