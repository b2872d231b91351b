import KubernetesRuntime
import Testing

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
