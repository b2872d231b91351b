import KubernetesRuntime
import Testing

@Suite(.timeLimit(.minutes(1))) struct WorkQueueTests {
  @Test func aKeyAddedOftenIsHandedOutOnce() async {
    let queue = WorkQueue<String>()
    for _ in 0..<5 { await queue.add("a") }
    await queue.add("b")
    #expect(await queue.next() == "a")
    #expect(await queue.next() == "b")
    await queue.shutDown()
    #expect(await queue.next() == nil)
  }

  @Test func aKeyAddedWhileWorkedOnComesAgainOnlyAfterwards() async {
    let queue = WorkQueue<String>()
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
    let queue = WorkQueue<String>()
    async let key = queue.next()
    await queue.add("a")
    #expect(await key == "a")
  }

  @Test func shuttingDownEndsEveryWaitAndTakesNoMoreKeys() async {
    let queue = WorkQueue<String>()
    async let first = queue.next()
    async let second = queue.next()
    await queue.shutDown()
    await queue.add("a")
    #expect(await [first, second] == [nil, nil])
    #expect(await queue.next() == nil)
  }

  @Test func delayedKeysComeInTheOrderOfTheirTimesAndTheEarliestTimeOfAKeyCounts() async {
    let queue = WorkQueue<String>()
    await queue.add("late", after: .milliseconds(60))
    await queue.add("far", after: .seconds(3600))
    await queue.add("early", after: .milliseconds(20))
    await queue.add("far", after: .milliseconds(100))
    await queue.add("early", after: .seconds(3600))
    let start = ContinuousClock.now
    var keys: [String?] = []
    for _ in 0..<3 { keys.append(await queue.next()) }
    #expect(keys == ["early", "late", "far"])
    #expect(ContinuousClock.now - start >= .milliseconds(90))
  }

  @Test func aFailingKeyComesAgain() async {
    let queue = WorkQueue<String>(retryBase: .milliseconds(1), retryLimit: .milliseconds(4))
    await queue.add("a")
    for _ in 0..<10 {
      #expect(await queue.next() == "a")
      await queue.retry("a")
      await queue.finish("a")
    }
  }
}

@Suite struct BackoffTests {
  @Test func waitsStayUnderADoublingBoundAndItsLimit() {
    for _ in 0..<200 {
      var backoff = Backoff(base: .milliseconds(100), limit: .seconds(1))
      for bound in [100, 200, 400, 800, 1000, 1000] {
        let wait = backoff.next()
        #expect(wait >= .zero && wait <= .milliseconds(bound))
      }
      for _ in 0..<100 { #expect(backoff.next() <= .seconds(1)) }
    }
  }

  @Test func waitsDiffer() {
    var backoff = Backoff(base: .seconds(1), limit: .seconds(1))
    #expect(Set((0..<20).map { _ in backoff.next() }).count > 10)
  }

  @Test func aResetStartsOver() {
    var backoff = Backoff(base: .milliseconds(1), limit: .seconds(60))
    for _ in 0..<20 { _ = backoff.next() }
    backoff.reset()
    #expect(backoff.next() <= .milliseconds(1))
  }
}
