import ClusterSimulator
import Dispatch
import Foundation
import JSON
import MilvusTLS
import PKI
import Synchronization
import Testing

@testable import Operator

/// Where private keys are generated.
@Suite(.timeLimit(.minutes(2))) struct IssuingThreadTests {
  private final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    @discardableResult
    func add(_ difference: Int) -> Int {
      count.withLock { count in
        count += difference
        return count
      }
    }
  }

  @Test func moreWorkThanThereAreProcessorsLeavesTasksTheirThreads() async throws {
    let thread = IssuingThread()
    let count = 2 * ProcessInfo.processInfo.activeProcessorCount
    let end = DispatchSemaphore(value: 0)
    let started = Counter()
    let isEnded = try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<count {
        // On the threads of tasks, these would keep the task below from its own.
        group.addTask {
          try await thread.run {
            started.add(1)
            return end.wait(timeout: .now() + .seconds(10)) == .success
          }
        }
      }
      repeat { await Task.yield() } while started.value == 0
      await Task.detached { for _ in 0..<count { end.signal() } }.value
      return try await group.reduce(true) { $0 && $1 }
    }
    #expect(isEnded)
  }

  @Test func workIsDoneOneAtATime() async throws {
    let thread = IssuingThread()
    let active = Counter()
    let most = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<50 {
        group.addTask {
          try await thread.run {
            let now = active.add(1)
            _ = try PrivateKey(generating: .ecdsa(.p256))
            active.add(-1)
            return now
          }
        }
      }
      return try await group.reduce(0) { max($0, $1) }
    }
    #expect(most == 1)
  }

  @Test func workOfATaskThatIsCancelledBeforeIsNotDone() async throws {
    let thread = IssuingThread()
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await thread.run { true }
    }
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(await thread.count == 0)
  }

  @Test func everyCertificateAndANextAuthorityIsMadeOnIt() async throws {
    try await UnwatchedOperator.run { parts in
      let a = UnwatchedOperator.key("a")
      try await parts.apply(milvus: "a")
      let spec: JSONValue = [
        "external": ["mode": "TwoWay"], "certificate": ["privateKey": ["algorithm": "RSA", "size": 2048]],
      ]
      try await parts.apply(milvusTLS: "a", spec: spec)
      let writes = TLSPlanner.plan(await parts.observation(of: "a")).actions.compactMap { action in
        if case .writeCertificate(let write) = action { write } else { nil }
      }
      let first = try #require(writes.first { $0.desired.role == .authority })
      _ = try await parts.reconciler.reconcile(a)
      #expect(await parts.executor.issuing.count == 3)
      var observation = await parts.observation(of: "a")
      let secret = try #require(observation.secrets["certs-ca"])
      let action = TLSPlan.Action.changeAuthority(.introduce(first.desired, first.violation), in: secret)
      #expect(try await parts.executor.perform(action, key: a, observation: &observation))
      #expect(await parts.executor.issuing.count == 4)
    }
  }
}
