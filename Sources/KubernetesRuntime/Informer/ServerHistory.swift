import Synchronization

/// What informers of one server share whose stores are read together: if one of them notices that etcd was restored from
/// a backup, all list anew. Otherwise a decision could combine a state from after the restore with one from before it,
/// and write what no longer holds.
public final class ServerHistory: Sendable {
  /// The time from the start, or from a restore, to the next restore. All versions seen in an era have one order.
  public final class Era: Sendable {
    /// The era is over.
    public struct Over: Error, CustomStringConvertible {
      public let description = "etcd was restored from a backup; nothing was written"
    }

    fileprivate let over = Latch()

    public var isOver: Bool { over.isOpen }

    /// For `KubernetesClient.fenced(by:)`, so that what was decided in the era is not written after it.
    /// - Throws: `Over`.
    public func check() throws {
      if isOver { throw Over() }
    }

    /// Runs an operation, and cancels it when the era is over. Returns when the operation has ended.
    public func run(_ operation: @escaping @Sendable () async -> Void) async {
      await withTaskGroup { group in
        group.addTask { await operation() }
        group.addTask { await self.over.wait() }
        await group.next()
        group.cancelAll()
      }
    }
  }

  private let current = Mutex(Era())

  public init() {}

  public var era: Era { current.withLock { $0 } }

  /// Ends an era; nothing if it is over.
  func end(_ era: Era) {
    current.withLock { if $0 === era { $0 = Era() } }
    era.over.open()
  }
}
