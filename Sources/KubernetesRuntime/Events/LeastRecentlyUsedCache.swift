import OrderedCollections

/// A dictionary of limited size that drops the least recently used entries.
struct LeastRecentlyUsedCache<Key: Hashable, Value> {
  private let limit: Int
  private var values: OrderedDictionary<Key, Value> = [:]

  init(limit: Int) {
    self.limit = limit
  }

  var count: Int { values.count }

  subscript(key: Key) -> Value? {
    mutating get {
      guard let value = values.removeValue(forKey: key) else { return nil }
      values[key] = value
      return value
    }
    set {
      values.removeValue(forKey: key)
      guard let newValue else { return }
      values[key] = newValue
      if values.count > limit { values.removeFirst() }
    }
  }
}
