/// The recent changes, oldest first.
struct StoreHistory: Sendable {
  private let limit: Int
  private var events: [StoreEvent] = []
  /// The newest dropped change; watches cannot start from earlier versions.
  private(set) var forgotten = 0

  /// - Parameter start: the version at which it begins.
  init(limit: Int, start: Int = 0) {
    self.limit = limit
    forgotten = start
  }

  /// An empty history that begins at a version.
  func restarted(at version: Int) -> StoreHistory {
    StoreHistory(limit: limit, start: version)
  }

  mutating func append(_ event: StoreEvent) {
    events.append(event)
    // Dropped in blocks, so that not every change moves all the others.
    if events.count >= 2 * limit { forget(events.count - limit) }
  }

  /// Drops everything, as a compaction of etcd does.
  mutating func forgetAll() {
    forget(events.count)
  }

  private mutating func forget(_ count: Int) {
    guard count > 0 else { return }
    forgotten = events[count - 1].revision
    events.removeFirst(count)
  }

  /// The changes after a version; nil if some of them were dropped.
  func events(after revision: Int) -> ArraySlice<StoreEvent>? {
    guard revision >= forgotten else { return nil }
    let start = events.partitioningIndex { $0.revision > revision }
    return events[start...]
  }
}

extension Array where Element == StoreEvent {
  /// The first index that satisfies the condition, in an array where all later elements satisfy it too.
  fileprivate func partitioningIndex(where condition: (StoreEvent) -> Bool) -> Int {
    var low = startIndex
    var high = endIndex
    while low < high {
      let middle = (low + high) / 2
      if condition(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
