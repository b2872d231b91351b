import Kubernetes

/// `onChange` handlers of informers that feed a controller's queue.
extension WorkQueue where Key == ObjectKey {
  /// Enqueues the changed object itself, for the resource that is reconciled.
  public nonisolated func enqueueingObjects<Value>() -> Informer<Value>.Change {
    { key, _, _ in await self.add(key) }
  }

  /// Enqueues the objects related to a changed object, before and after the change: for owned objects, and for objects
  /// related by a label.
  /// - Parameter keys: the keys to reconcile for a value.
  public nonisolated func enqueueing<Value>(
    _ keys: @escaping @Sendable (ObjectKey, Value) -> [ObjectKey]
  ) -> Informer<Value>.Change {
    { key, before, after in
      let concerned = [before, after].compactMap { $0 }.flatMap { keys(key, $0) }
      for key in Set(concerned) { await self.add(key) }
    }
  }
}

extension KubernetesObject {
  /// The key of the object of a resource that controls this one, from its owner reference; nil if there is none. The
  /// API version is not compared, because an object is the same in all versions.
  public func controllerKey(of resource: Resource) -> ObjectKey? {
    let owner = ownerReferences.first { owner in
      owner.isController && owner.kind == resource.kind
        && owner.apiVersion.split(separator: "/").dropLast().first.map(String.init) ?? "" == resource.group
    }
    return owner.map { ObjectKey(namespace: resource.isNamespaced ? namespace ?? "" : "", name: $0.name) }
  }
}
