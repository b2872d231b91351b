import Foundation

/// Decides how an event is written, after client-go's `EventCorrelator`: what was told before counts on, what differs only in its
/// message is combined when there is much of it, and an object that never falls silent is cut short.
///
/// https://github.com/kubernetes/client-go/blob/master/tools/record/events_cache.go
struct EventCorrelator {
  /// How an event is to be written.
  enum Write: Equatable {
    /// A new object.
    case create(ObjectEvent, Record)
    /// One more of an event that is there.
    case update(ObjectEvent, Record)
  }

  /// What is there, or is to be.
  struct Record: Equatable {
    let name: String
    var count = 1
    let first: Date
    var last: Date
  }

  /// Messages about one thing within a time.
  private struct Group {
    var messages: Set<String> = []
    var last: Date
  }

  /// A token bucket.
  private struct Allowance {
    var tokens: Double
    var refilled: Date
  }

  /// Of each kind of memory; client-go's number. The least recently used are forgotten.
  static let cacheSize = 4096
  /// From this number of different messages within `combiningInterval` on they are told as one.
  static let combiningThreshold = 10
  static let combiningInterval: TimeInterval = 600
  static let burst = 25.0
  /// Seconds until one more event about an object may be written.
  static let refillInterval: TimeInterval = 300
  static let combinedPrefix = "(combined from similar events): "

  private var records = LeastRecentlyUsedCache<ObjectEvent, Record>(limit: cacheSize)
  private var groups = LeastRecentlyUsedCache<ObjectEvent, Group>(limit: cacheSize)
  private var allowances = LeastRecentlyUsedCache<ObjectReference, Allowance>(limit: cacheSize)

  /// - Returns: nil for an event that is not to be written.
  mutating func write(for event: ObjectEvent, now: Date) -> Write? {
    let (event, key) = combined(event, now: now)
    let isAllowed = isAllowed(event.subject, now: now)
    // What is there counts on, so that the next update tells how often it really was.
    guard isAllowed || records[key] != nil else { return nil }
    let write = counted(event, key: key, now: now)
    return isAllowed ? write : nil
  }

  /// Forgets an event that the server does not have: written never, or deleted after its hour.
  mutating func forget(_ write: Write) {
    switch write {
    case .create(let event, _), .update(let event, _):
      records[event] = nil
      records[Self.thing(of: event)] = nil
    }
  }

  /// The event, or one that stands for many like it, and the key under which it counts on.
  private mutating func combined(_ event: ObjectEvent, now: Date) -> (ObjectEvent, ObjectEvent) {
    let thing = Self.thing(of: event)
    var group = groups[thing] ?? Group(last: now)
    if now.timeIntervalSince(group.last) > Self.combiningInterval { group = Group(last: now) }
    group.messages.insert(event.message)
    group.last = now
    let isMany = group.messages.count >= Self.combiningThreshold
    // One place stays free, so that the set does not grow and the next message counts as different again.
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

  /// What the event is about, whatever its message says.
  private static func thing(of event: ObjectEvent) -> ObjectEvent {
    ObjectEvent(subject: event.subject, kind: event.kind, reason: event.reason, message: "")
  }

  /// A name in client-go's form: the object's and a unique number.
  private static func name(for subject: ObjectReference) -> String {
    "\(subject.name).\(String(UInt64.random(in: 0...UInt64.max), radix: 16))"
  }
}
