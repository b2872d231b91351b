import Synchronization

@testable import KubernetesRuntime

/// A clock that stands until a test moves it.
final class TestClock: Sendable {
  private struct Sleeper {
    let end: Duration
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct Watcher {
    let id: Int
    let ends: ClosedRange<Duration>
    let continuation: CheckedContinuation<Duration, Never>
  }

  private struct State {
    var now = Duration.seconds(1000)
    var sleepers: [Int: Sleeper] = [:]
    var lastID = 0
    var watchers: [Watcher] = []
  }

  private let state = Mutex(State())

  var now: Duration { state.withLock { $0.now } }

  var clock: MonotonicClock {
    MonotonicClock(now: { self.now }, sleepUntil: { try await self.sleep(until: $0) })
  }

  /// Moves the time, and wakes who has slept until then.
  func advance(by duration: Duration) {
    let woken = state.withLock { state in
      state.now += duration
      let woken = state.sleepers.filter { $0.value.end <= state.now }
      for id in woken.keys { state.sleepers[id] = nil }
      return woken.values.map { $0 }
    }
    for sleeper in woken { sleeper.continuation.resume() }
  }

  /// Waits until somebody sleeps for a time.
  func waitForSleep(of duration: Duration) async {
    _ = await nextSleep(in: duration...duration)
  }

  /// Waits until somebody sleeps.
  /// - Parameter range: for how long.
  /// - Returns: how much longer the first will; zero where the test's time is up.
  func nextSleep(in range: ClosedRange<Duration> = .zero...(.seconds(1_000_000))) async -> Duration {
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    let end = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let found: Duration? = state.withLock { state in
          if Task.isCancelled { return state.now }
          let ends = (state.now + range.lowerBound)...(state.now + range.upperBound)
          if let first = state.sleepers.values.map(\.end).filter(ends.contains).min() { return first }
          state.watchers.append(Watcher(id: id, ends: ends, continuation: continuation))
          return nil
        }
        if let found { continuation.resume(returning: found) }
      }
    } onCancel: {
      let watcher = state.withLock { state in
        defer { state.watchers.removeAll { $0.id == id } }
        return state.watchers.first { $0.id == id }
      }
      watcher?.continuation.resume(returning: now)
    }
    return end - now
  }

  private func sleep(until end: Duration) async throws {
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let over: Result<Void, any Error>? = state.withLock { state in
          if Task.isCancelled { return .failure(CancellationError()) }
          if end <= state.now { return .success(()) }
          state.sleepers[id] = Sleeper(end: end, continuation: continuation)
          return nil
        }
        if let over { continuation.resume(with: over) } else { announceSleep(until: end) }
      }
    } onCancel: {
      let sleeper = state.withLock { $0.sleepers.removeValue(forKey: id) }
      sleeper?.continuation.resume(throwing: CancellationError())
    }
  }

  private func announceSleep(until end: Duration) {
    let waiting = state.withLock { state in
      defer { state.watchers.removeAll { $0.ends.contains(end) } }
      return state.watchers.filter { $0.ends.contains(end) }
    }
    for watcher in waiting { watcher.continuation.resume(returning: end) }
  }
}
