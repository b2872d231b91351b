import Foundation

/// Decides how an event is written, after client-go's `EventCorrelator`. A repeated event increments a count, many
/// events that differ only in their message are combined, and events about one object are rate-limited.
///
/// https://github.com/kubernetes/client-go/blob/master/tools/record/events_cache.go
struct EventCorrelator {
  /// How to write an event.
  enum Write: Equatable {
    /// Create a new Event object.
    case create(ObjectEvent, Record)
    /// Increment the count of an existing Event object.
    case update(ObjectEvent, Record)
  }

  /// Name, count and times of an Event object, existing or about to be created.
  struct Record: Equatable {
    let name: String
    var count = 1
    let first: Date
    var last: Date
  }

  /// Recent messages of similar events.
  private struct Group {
    var messages: Set<String> = []
    var last: Date
  }

  /// A token bucket.
  private struct Allowance {
    var tokens: Double
    var refilled: Date
  }

  /// Capacity of each cache, as in client-go. The least recently used entries are dropped.
  static let cacheSize = 4096
  /// From this number of different messages within `combiningInterval` on, they are combined into one event.
  static let combiningThreshold = 10
  static let combiningInterval: TimeInterval = 600
  static let burst = 25.0
  /// Seconds until an object may have one more event.
  static let refillInterval: TimeInterval = 300
  static let combinedPrefix = "(combined from similar events): "

  private var records = LeastRecentlyUsedCache<ObjectEvent, Record>(limit: cacheSize)
  private var groups = LeastRecentlyUsedCache<ObjectEvent, Group>(limit: cacheSize)
  private var allowances = LeastRecentlyUsedCache<ObjectReference, Allowance>(limit: cacheSize)

  /// - Returns: nil if the event must not be written.
  mutating func write(for event: ObjectEvent, now: Date) -> Write? {
    let (event, key) = combined(event, now: now)
    let isAllowed = isAllowed(event.subject, now: now)
    // A rate-limited event still increments its record, so that the next update has the true count.
    guard isAllowed || records[key] != nil else { return nil }
    let write = counted(event, key: key, now: now)
    return isAllowed ? write : nil
  }

  /// Forgets an event that the server does not have, because it was never written or has expired.
  mutating func forget(_ write: Write) {
    switch write {
    case .create(let event, _), .update(let event, _):
      records[event] = nil
      records[Self.thing(of: event)] = nil
    }
  }

  /// The event itself, or the combined event that replaces it, and the key of its record.
  private mutating func combined(_ event: ObjectEvent, now: Date) -> (ObjectEvent, ObjectEvent) {
    let thing = Self.thing(of: event)
    var group = groups[thing] ?? Group(last: now)
    if now.timeIntervalSince(group.last) > Self.combiningInterval { group = Group(last: now) }
    group.messages.insert(event.message)
    group.last = now
    let isMany = group.messages.count >= Self.combiningThreshold
    // Leaves one place free, so that the set stays bounded and the next message counts as different again.
    if isMany { group.messages.removeFirst() }
    groups[thing] = group
    guard isMany else { return (event, event) }
    var combined = event
    combined.message = Self.combinedPrefix + event.message
    return (combined, thing)
  }

  private mutating func counted(_ event: ObjectEvent, key: ObjectEvent, now: Date) -> Write {
    guard var record = records[key] else {
      let record = Record(name: Self.name(for: event.subject), first: now, last: now)
      records[key] = record
      return .create(event, record)
    }
    record.count += 1
    record.last = now
    records[key] = record
    return .update(event, record)
  }

  private mutating func isAllowed(_ subject: ObjectReference, now: Date) -> Bool {
    var allowance = allowances[subject] ?? Allowance(tokens: Self.burst, refilled: now)
    let refill = max(0, now.timeIntervalSince(allowance.refilled)) / Self.refillInterval
    allowance.tokens = min(Self.burst, allowance.tokens + refill)
    allowance.refilled = now
    let isAllowed = allowance.tokens >= 1
    if isAllowed { allowance.tokens -= 1 }
    allowances[subject] = allowance
    return isAllowed
  }

  /// The event without its message: what similar events have in common.
  private static func thing(of event: ObjectEvent) -> ObjectEvent {
    ObjectEvent(subject: event.subject, kind: event.kind, reason: event.reason, message: "")
  }

  /// A name as in client-go: the object's name and a unique number.
  private static func name(for subject: ObjectReference) -> String {
    "\(subject.name).\(String(UInt64.random(in: 0...UInt64.max), radix: 16))"
  }
}
