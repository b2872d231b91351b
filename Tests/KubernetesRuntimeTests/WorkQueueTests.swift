import MetricsTestKit
import Testing

@testable import KubernetesRuntime

@Suite(.timeLimit(.minutes(5))) struct WorkQueueTests {
  @Test func aKeyAddedOftenIsHandedOutOnce() async {
    let queue = WorkQueue<String>(name: "test")
    for _ in 0..<5 { await queue.add("a") }
    await queue.add("b")
    #expect(await queue.next() == "a")
    #expect(await queue.next() == "b")
    await queue.shutDown()
    #expect(await queue.next() == nil)
  }

  @Test func aKeyAddedWhileWorkedOnComesAgainOnlyAfterwards() async {
    let queue = WorkQueue<String>(name: "test")
    await queue.add("a")
    #expect(await queue.next() == "a")
    await queue.add("a")
    await queue.add("a")
    await queue.add("b")
    #expect(await queue.next() == "b", "a has a worker")
    await queue.finish("a")
    #expect(await queue.next() == "a")
    await queue.finish("a")
    await queue.add("c")
    #expect(await queue.next() == "c", "a was handed out once more, not twice")
  }

  @Test func aWaitingWorkerGetsTheNextKey() async {
    let queue = WorkQueue<String>(name: "test")
    async let key = queue.next()
    await queue.add("a")
    #expect(await key == "a")
  }

  @Test func shuttingDownEndsEveryWaitAndTakesNoMoreKeys() async {
    let queue = WorkQueue<String>(name: "test")
    async let first = queue.next()
    async let second = queue.next()
    await queue.shutDown()
    await queue.add("a")
    #expect(await [first, second] == [nil, nil])
    #expect(await queue.next() == nil)
  }

  @Test func aWaitForAKeyEndsWhenItsTaskIsCancelled() async {
    let queue = WorkQueue<String>(name: "test")
    let waiting = Task { await queue.next() }
    waiting.cancel()
    #expect(await waiting.value == nil)
    await queue.add("a")
    #expect(await queue.next() == "a", "it went to nobody else")
  }

  private func queue(_ clock: TestClock, metrics: TestMetrics = TestMetrics(), limits: RetryLimits = RetryLimits())
    -> WorkQueue<String>
  {
    WorkQueue(name: "test", limits: limits, metrics: metrics, clock: clock.clock)
  }

  @Test func delayedKeysComeInTheOrderOfTheirTimesAndTheEarliestTimeOfAKeyCounts() async {
    let clock = TestClock()
    let queue = queue(clock)
    await queue.add("late", after: .seconds(60))
    await queue.add("far", after: .seconds(3600))
    await queue.add("early", after: .seconds(20))
    await queue.add("far", after: .seconds(100))
    await queue.add("early", after: .seconds(3600))
    for (key, wait) in [("early", 20), ("late", 40), ("far", 40)] {
      await clock.waitForSleep(of: .seconds(wait))
      clock.advance(by: .seconds(wait))
      #expect(await queue.next() == key)
    }
  }

  @Test func aFailingKeyComesAgain() async {
    let queue = WorkQueue<String>(name: "test", limits: RetryLimits(base: .milliseconds(1), limit: .milliseconds(4)))
    await queue.add("a")
    for _ in 0..<10 {
      #expect(await queue.next() == "a")
      await queue.retry("a")
      await queue.finish("a")
    }
  }

  @Test func whatIsAddedLaterOvertakesTheBacklog() async {
    let queue = WorkQueue<String>(name: "test")
    await queue.add("before")
    await queue.addToBacklog(["a", "b", "c"])
    await queue.add("new")
    await queue.add("b")
    await queue.add("new")
    for key in ["new", "b", "before", "a", "c"] {
      #expect(await queue.next() == key)
      await queue.finish(key)
    }
    #expect(await queue.isEmpty)
  }

  @Test func theBacklogIsNeverPassedOverForLong() async {
    let queue = WorkQueue<String>(name: "test")
    await queue.addToBacklog(["old"])
    var order: [String?] = []
    for number in 0..<12 { await queue.add("new \(number)") }
    for _ in 0..<13 {
      let key = await queue.next()
      order.append(key)
      if let key { await queue.finish(key) }
    }
    #expect(order.firstIndex(of: "old") == 8)
  }

  @Test func theBacklogIsHandedToWorkersThatWait() async {
    let queue = WorkQueue<String>(name: "test")
    async let key = queue.next()
    await queue.addToBacklog(["a"])
    #expect(await key == "a")
  }

  @Test func aKeyThatIsGivenBackIsTheNext() async {
    let queue = WorkQueue<String>(name: "test")
    for key in ["a", "b", "c"] { await queue.add(key) }
    #expect(await queue.next() == "a")
    await queue.add("a")
    await queue.giveBack("a")
    #expect(await queue.next() == "a")
    await queue.finish("a")
    #expect(await queue.next() == "b")
    await queue.finish("b")
    #expect(await queue.next() == "c")
    #expect(await queue.isEmpty)
  }

  @Test func keysThatNoRetryMendsTakeNothingOfTheOverallRate() async {
    let clock = TestClock()
    let queue = queue(clock, limits: RetryLimits(base: .zero, limit: .zero, rate: 10, burst: 1))
    for key in ["a", "b", "c"] { await queue.retry(key, isTerminal: true) }
    await queue.retry("d")
    var keys: Set<String?> = []
    for _ in 0..<4 { keys.insert(await queue.next()) }
    #expect(keys == ["a", "b", "c", "d"], "at once")
    await queue.retry("e")
    await clock.waitForSleep(of: .milliseconds(100))
  }

  @Test func aServersRetryAfterIsTheLeastWait() async {
    let clock = TestClock()
    let queue = queue(clock)
    await queue.retry("a", atLeast: .seconds(30))
    await clock.waitForSleep(of: .seconds(30))
    clock.advance(by: .seconds(30))
    #expect(await queue.next() == "a")
  }

  @Test func manyFailingKeysComeBackAtTheOverallRate() async {
    let clock = TestClock()
    let queue = queue(clock, limits: RetryLimits(base: .zero, limit: .zero, rate: 10, burst: 2))
    for key in ["a", "b", "c", "d"] { await queue.retry(key) }
    // The burst comes at once, then a key every tenth of a second.
    #expect(await [queue.next(), queue.next()].compactMap { $0 }.sorted() == ["a", "b"])
    for key in ["c", "d"] {
      await clock.waitForSleep(of: .milliseconds(100))
      clock.advance(by: .milliseconds(100))
      #expect(await queue.next() == key)
    }
  }

  @Test func itsMeasurementsHaveControllerRuntimesNames() async throws {
    let clock = TestClock()
    let metrics = TestMetrics()
    let queue = queue(clock, metrics: metrics)
    let name = [("name", "test")]
    await queue.add("a")
    await queue.add("b")
    await queue.add("a")
    #expect(try metrics.expectCounter("workqueue_adds_total", name).totalValue == 2)
    #expect(try metrics.expectGauge("workqueue_depth", name).lastValue == 2)
    clock.advance(by: .seconds(3))
    #expect(await queue.next() == "a")
    #expect(try metrics.expectGauge("workqueue_depth", name).lastValue == 1)
    #expect(try metrics.expectTimer("workqueue_queue_duration_seconds", name).lastValue == 3_000_000_000)
    await clock.waitForSleep(of: .milliseconds(500))
    clock.advance(by: .milliseconds(500))
    await clock.waitForSleep(of: .milliseconds(500))
    #expect(try metrics.expectGauge("workqueue_unfinished_work_seconds", name).lastValue == 0.5)
    #expect(try metrics.expectGauge("workqueue_longest_running_processor_seconds", name).lastValue == 0.5)
    await queue.retry("a")
    await queue.finish("a")
    #expect(try metrics.expectTimer("workqueue_work_duration_seconds", name).lastValue == 500_000_000)
    #expect(try metrics.expectGauge("workqueue_unfinished_work_seconds", name).lastValue == 0)
    #expect(try metrics.expectCounter("workqueue_retries_total", name).totalValue == 1)
  }
}

@Suite struct TokenBucketTests {
  @Test func tokensGatherUpToTheBurst() {
    var bucket = TokenBucket(rate: 10, burst: 2)
    #expect(bucket.take(at: .seconds(100)) == .zero)
    #expect(bucket.take(at: .seconds(100)) == .zero)
    #expect(bucket.take(at: .seconds(100)) == .milliseconds(100))
    #expect(bucket.take(at: .seconds(100)) == .milliseconds(200))
    #expect(bucket.take(at: .seconds(200)) == .zero)
    #expect(bucket.take(at: .seconds(200)) == .zero)
    #expect(bucket.take(at: .seconds(200)) > .zero)
  }
}
