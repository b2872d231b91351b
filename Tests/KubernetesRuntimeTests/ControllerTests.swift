import Logging
import MetricsTestKit
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import Kubernetes
@testable import KubernetesRuntime

@Suite(.timeLimit(.minutes(5))) struct ControllerTests {
  private struct Failure: Error {}

  private let clock = TestClock()
  private let metrics = TestMetrics()
  private let queue: WorkQueue<ObjectKey>
  private let key = ObjectKey(namespace: "ns", name: "a")

  init() {
    queue = WorkQueue(name: "test", limits: RetryLimits(), metrics: metrics, clock: clock.clock)
  }

  private func controller(workers: Int = 2, reconcile: @escaping Controller.Reconcile) -> Controller {
    Controller(
      name: "test",
      queue: queue,
      workers: workers,
      timeLimit: .seconds(60),
      gracePeriod: .seconds(10),
      logger: .silent,
      metrics: metrics,
      clock: clock.clock,
      reconcile: reconcile
    )
  }

  /// Runs a controller for the length of a test.
  private func running(_ controller: Controller, _ body: () async throws -> Void) async throws {
    let task = Task { await controller.run() }
    let result: Result<Void, any Error>
    do {
      result = .success(try await body())
    } catch {
      result = .failure(error)
    }
    task.cancel()
    await task.value
    try result.get()
  }

  private func count(_ result: String) throws -> Int64 {
    try metrics.expectCounter("controller_runtime_reconcile_total", [("controller", "test"), ("result", result)])
      .totalValue
  }

  @Test func aReconcileThatThrowsIsTriedAgain() async throws {
    let tries = Inbox<Int>()
    let count = Mutex(0)
    let controller = controller { _ in
      let number = count.withLock { count in
        count += 1
        return count
      }
      tries.put(number)
      if number < 3 { throw KubernetesError.api(APIStatus([:], code: 429, retryAfter: .seconds(7), request: "GET /")) }
      return .done
    }
    try await running(controller) { () async throws in
      await queue.add(key)
      #expect(try await tries.next() == 1)
      for number in 2...3 {
        await clock.waitForSleep(of: .seconds(7))
        clock.advance(by: .seconds(7))
        #expect(try await tries.next() == number)
      }
      try await eventually("it is counted") { try self.count("success") == 1 }
      #expect(try self.count("error") == 2)
    }
  }

  @Test func aReconcileThatHangsIsCancelledAndTriedAgain() async throws {
    let tries = Inbox<String>()
    let controller = controller { [clock] _ in
      tries.put("begins")
      do {
        try await clock.clock.sleep(for: .seconds(100_000))
      } catch {
        tries.put("cancelled")
        throw error
      }
      return .done
    }
    try await running(controller) { () async throws in
      await queue.add(key)
      #expect(try await tries.next() == "begins")
      await clock.waitForSleep(of: .seconds(60))
      clock.advance(by: .seconds(60))
      #expect(try await tries.next() == "cancelled")
      try await eventually("it fails") { try count("error") == 1 }
      clock.advance(by: .milliseconds(50))
      #expect(try await tries.next() == "begins")
    }
  }

  @Test func aKeyComesBackAfterTheTimeThatItsReconcileAsksFor() async throws {
    let tries = Inbox<ObjectKey>()
    let controller = controller { key in
      tries.put(key)
      return .requeue(after: .seconds(3600))
    }
    try await running(controller) { () async throws in
      await queue.add(key)
      #expect(try await tries.next() == key)
      await clock.waitForSleep(of: .seconds(3600))
      clock.advance(by: .seconds(3600))
      #expect(try await tries.next() == key)
      #expect(try count("requeue_after") >= 1)
    }
  }

  @Test func workersReconcileInParallelButNeverOneKeyTwiceAtATime() async throws {
    let begun = Inbox<String>()
    let gate = Latch()
    let controller = controller(workers: 2) { key in
      begun.put(key.name)
      await gate.wait()
      return .done
    }
    try await running(controller) { () async throws in
      await queue.add(key)
      #expect(try await begun.next() == "a")
      await queue.add(key)
      await queue.add(ObjectKey(namespace: "ns", name: "b"))
      #expect(try await begun.next() == "b")
      #expect(try metrics.expectGauge("controller_runtime_active_workers", [("controller", "test")]).lastValue == 2)
      gate.open()
      #expect(try await begun.next() == "a")
    }
  }

  @Test func aGracefulShutdownLetsARunningReconcileEndAndTakesNoMoreKeys() async throws {
    let begun = Inbox<String>()
    let gate = Latch()
    let ended = Mutex<[String]>([])
    let controller = controller(workers: 1) { key in
      begun.put(key.name)
      await gate.wait()
      ended.withLock { $0.append(key.name + (Task.isCancelled ? " cancelled" : "")) }
      return .done
    }
    let group = ServiceGroup(services: [controller], logger: .silent)
    let running = Task { try await group.run() }
    await queue.add(key)
    await queue.add(ObjectKey(namespace: "ns", name: "b"))
    #expect(try await begun.next() == "a")
    await group.triggerGracefulShutdown()
    await clock.waitForSleep(of: .seconds(10))
    gate.open()
    try await running.value
    #expect(ended.withLock { $0 } == ["a"])
  }

  @Test func aReconcileThatOutlivesTheGracePeriodIsCancelled() async throws {
    let begun = Inbox<String>()
    let controller = controller(workers: 1) { key in
      begun.put(key.name)
      await Latch().wait()
      begun.put("cancelled")
      return .done
    }
    let group = ServiceGroup(services: [controller], logger: .silent)
    let running = Task { try await group.run() }
    await queue.add(key)
    #expect(try await begun.next() == "a")
    await group.triggerGracefulShutdown()
    await clock.waitForSleep(of: .seconds(10))
    clock.advance(by: .seconds(10))
    #expect(try await begun.next() == "cancelled")
    try await running.value
  }

  @Test func anIdleControllerEndsAtOnce() async throws {
    let group = ServiceGroup(services: [controller { _ in .done }], logger: .silent)
    let running = Task { try await group.run() }
    await queue.add(key)
    try await eventually("the key is done") { try count("success") == 1 }
    await group.triggerGracefulShutdown()
    try await running.value
  }

  @Test func keysCutOffByACancellationComeFirstInTheNextRun() async throws {
    let begun = Inbox<String>()
    let controller = controller(workers: 1) { key in
      begun.put(key.name)
      try await Task.sleep(for: .seconds(3600))
      return .done
    }
    let first = Task { await controller.run() }
    await queue.add(key)
    #expect(try await begun.next() == "a")
    await queue.add(ObjectKey(namespace: "ns", name: "b"))
    first.cancel()
    await first.value
    try await running(controller) { () async throws in #expect(try await begun.next() == "a") }
  }
}
