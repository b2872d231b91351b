/// One change that a watch reports.
public enum WatchEvent: Sendable, Equatable {
  case added(KubernetesObject)
  case modified(KubernetesObject)
  case deleted(KubernetesObject)
  /// Nothing changed; a watch may go on from here instead of from the last object.
  case bookmark(resourceVersion: String)
}
