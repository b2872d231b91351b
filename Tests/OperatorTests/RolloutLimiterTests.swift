import KubernetesRuntime
import Testing

@testable import Operator

@Suite struct RolloutLimiterTests {
  private func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "default", name: name) }

  @Test func aFewBeginAndTheOthersHaveTheirTurnInOrder() {
    let limiter = RolloutLimiter(limit: 2)
    #expect(limiter.begin(key("a")) && limiter.begin(key("b")))
    #expect(!limiter.begin(key("c")) && !limiter.begin(key("d")))
    #expect(limiter.begin(key("a")), "one that has begun goes on")
    #expect(limiter.settle(key("a"), isRolling: true, isWaiting: false) == nil)
    #expect(limiter.settle(key("a"), isRolling: false, isWaiting: false) == key("c"))
    #expect(limiter.begin(key("c")))
    #expect(limiter.settle(key("b"), isRolling: false, isWaiting: false) == key("d"))
  }

  @Test func rolloutsForAnotherReasonCount() {
    let limiter = RolloutLimiter(limit: 1)
    #expect(limiter.settle(key("a"), isRolling: true, isWaiting: false) == nil)
    #expect(!limiter.begin(key("b")))
    #expect(limiter.settle(key("b"), isRolling: false, isWaiting: true) == nil, "a is still rolled")
    #expect(limiter.settle(key("a"), isRolling: false, isWaiting: false) == key("b"))
  }

  @Test func oneThatNoLongerWantsToIsForgotten() {
    let limiter = RolloutLimiter(limit: 1)
    #expect(limiter.begin(key("a")))
    #expect(!limiter.begin(key("b")))
    #expect(limiter.settle(key("b"), isRolling: false, isWaiting: false) == nil)
    #expect(limiter.settle(key("a"), isRolling: false, isWaiting: false) == nil)
  }
}
