import Kubernetes

/// What an informer's `onChange` is, to feed a controller's queue.
extension WorkQueue where Key == ObjectKey {
  /// Adds the changed object itself: for the resource that is reconciled.
  public nonisolated func enqueueingObjects<Value>() -> Informer<Value>.Change {
    { key, _, _ in await self.add(key) }
  }

  /// Adds what a changed object belongs to, before and after the change: for owned objects, and others that name theirs by label.
  /// - Parameter keys: of the objects that are to be reconciled.
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
  /// The object of a resource that manages this one, by its owner reference; nil where there is none. The version is not compared: the
  /// same object is there in each.
  public func controllerKey(of resource: Resource) -> ObjectKey? {
    let owner = ownerReferences.first { owner in
      owner.isController && owner.kind == resource.kind
        && owner.apiVersion.split(separator: "/").dropLast().first.map(String.init) ?? "" == resource.group
    }
    return owner.map { ObjectKey(namespace: resource.isNamespaced ? namespace ?? "" : "", name: $0.name) }
  }
}
