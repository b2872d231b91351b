/// What a list yields: its objects one by one, then its end.
public enum ListEvent: Sendable, Equatable {
  case object(KubernetesObject)
  /// The end of the list. A watch can start from this resourceVersion.
  case complete(resourceVersion: String)
}
