/// What a list brings: its objects, one after the other, and then its end.
public enum ListEvent: Sendable, Equatable {
  case object(KubernetesObject)
  /// Those were all; they are what the server had at this resourceVersion, and a watch goes on from there.
  case complete(resourceVersion: String)
}
