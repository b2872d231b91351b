import Foundation
import Testing

@testable import KubernetesRuntime

@Suite struct EventCorrelatorTests {
  private let subject = ObjectReference.milvus()
  private let start = Date(timeIntervalSince1970: 1_800_000_000)

  private func event(_ message: String, reason: String = "Conflict", on subject: ObjectReference? = nil)
    -> ObjectEvent
  {
    ObjectEvent(subject: subject ?? self.subject, kind: .warning, reason: reason, message: message)
  }

  @Test func theSameEventCountsOn() throws {
    var correlator = EventCorrelator()
    guard case .create(_, let first)? = correlator.write(for: event("a"), now: start) else {
      Issue.record("the first is created")
      return
    }
    let later = start + 30
    let second = EventCorrelator.Record(name: first.name, count: 2, first: start, last: later)
    #expect(correlator.write(for: event("a"), now: later) == .update(event("a"), second))
    guard case .create(_, let other)? = correlator.write(for: event("b"), now: later) else {
      Issue.record("another message is another event")
      return
    }
    #expect(other.name != first.name)
    #expect(first.name.hasPrefix("my-release."))
  }

  @Test func fromTheTenthMessageWithinTenMinutesOnSimilarEventsAreOne() {
    var correlator = EventCorrelator()
    var created: [String] = []
    var counts: [Int] = []
    for index in 0..<15 {
      switch correlator.write(for: event("message \(index)"), now: start + Double(index)) {
      case .create(let event, let record)?:
        created.append(event.message)
        counts.append(record.count)
      case .update(let event, let record)?:
        #expect(event.message == "(combined from similar events): message \(index)")
        counts.append(record.count)
      case nil: Issue.record("event \(index) is written")
      }
    }
    #expect(created == (0..<9).map { "message \($0)" } + ["(combined from similar events): message 9"])
    #expect(counts == Array(repeating: 1, count: 10) + [2, 3, 4, 5, 6])
  }

  @Test func similarEventsFarApartAreNotCombined() {
    var correlator = EventCorrelator()
    for index in 0..<20 {
      guard case .create(let event, _)? = correlator.write(for: event("\(index)"), now: start + Double(index) * 601)
      else {
        Issue.record("event \(index) is created")
        return
      }
      #expect(event.message == "\(index)")
    }
  }

  @Test func afterABurstOf25AnObjectHasOneEventIn5Minutes() {
    var correlator = EventCorrelator()
    var now = start
    let write = { (correlator: inout EventCorrelator) in correlator.write(for: event("a"), now: now) }
    for _ in 0..<25 { #expect(write(&correlator) != nil) }
    #expect(write(&correlator) == nil)
    let other = ObjectReference.milvus("other")
    #expect(correlator.write(for: event("a", on: other), now: now) != nil, "another object has its own measure")
    now = start + 299
    #expect(write(&correlator) == nil)
    now = start + 300
    guard case .update(_, let record)? = write(&correlator) else {
      Issue.record("one more is written")
      return
    }
    #expect(record.count == 28, "those not written are counted")
    #expect(write(&correlator) == nil)
  }

  @Test func whatWasNeverWrittenIsCreatedWhenItsTimeComes() {
    var correlator = EventCorrelator()
    for index in 0..<25 { _ = correlator.write(for: event("x", reason: "Reason\(index)"), now: start) }
    #expect(correlator.write(for: event("new", reason: "New"), now: start) == nil)
    guard case .create(_, let record)? = correlator.write(for: event("new", reason: "New"), now: start + 300) else {
      Issue.record("it is created")
      return
    }
    #expect(record.count == 1)
  }

  @Test func aForgottenEventIsCreatedAnew() throws {
    var correlator = EventCorrelator()
    let first = correlator.write(for: event("a"), now: start)
    correlator.forget(try #require(first))
    guard case .create? = correlator.write(for: event("a"), now: start) else {
      Issue.record("it is created")
      return
    }
  }

  @Test func aFullCacheForgetsWhatWasNotUsedTheLongest() {
    var cache = LeastRecentlyUsedCache<Int, String>(limit: 2)
    cache[1] = "a"
    cache[2] = "b"
    #expect(cache[1] == "a")
    cache[3] = "c"
    #expect(cache[2] == nil)
    #expect(cache[1] == "a")
    #expect(cache[3] == "c")
    #expect(cache.count == 2)
  }
}
