import Synchronization

/// The objects of one resource as last seen, each slimmed to the value that its watcher keeps. Reads never wait for the server.
public final class ObjectStore<Value: Sendable>: Sendable {
  private let contents = Mutex<[ObjectKey: Value]>([:])

  init() {}

  /// The value of an object; nil where there is none.
  public subscript(key: ObjectKey) -> Value? {
    contents.withLock { $0[key] }
  }

  /// The values of a namespace that satisfy a predicate, in no order.
  public func values(in namespace: String, where isIncluded: (Value) -> Bool) -> [Value] {
    contents.withLock { contents in
      contents.filter { $0.key.namespace == namespace && isIncluded($0.value) }.map(\.value)
    }
  }

  /// The keys of all objects, in no order.
  public var keys: [ObjectKey] {
    contents.withLock { Array($0.keys) }
  }

  /// Puts in what a write returned, so that the next decision does not wait for the watch to bring it.
  public func insert(_ value: Value, for key: ObjectKey) {
    contents.withLock { $0[key] = value }
  }

  /// Replaces a value, or removes it.
  /// - Returns: the value before.
  func update(_ key: ObjectKey, to value: Value?) -> Value? {
    contents.withLock { contents in
      defer { contents[key] = value }
      return contents[key]
    }
  }

  /// Replaces everything.
  /// - Returns: what was there before.
  func replace(with new: [ObjectKey: Value]) -> [ObjectKey: Value] {
    contents.withLock { contents in
      defer { contents = new }
      return contents
    }
  }
}
