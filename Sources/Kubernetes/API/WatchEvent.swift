/// One event of a watch.
public enum WatchEvent: Sendable, Equatable {
  case added(KubernetesObject)
  case modified(KubernetesObject)
  case deleted(KubernetesObject)
  /// No change. A watch can continue from this version instead of that of the last object.
  case bookmark(resourceVersion: String)
}
