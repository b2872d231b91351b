/// The types of a MilvusTLS's conditions. `Ready` and `Verified` are always there; the others are notes, which appear
/// when they apply and are set to False when they end.
public enum ConditionType: String, Sendable, CaseIterable {
  /// Whether the certificates are in place and the Milvus is configured to use them (`ReadyReason`).
  case ready = "Ready"
  /// Whether the running pods are seen to use TLS as specified (`VerifiedReason`).
  case verified = "Verified"
  /// Whether ports answer without TLS beside those that serve TLS (`PlaintextReason`).
  case plaintextExposed = "PlaintextExposed"
  /// A rotation waits for something (`PendingReason`).
  case rotationPending = "RotationPending"
  /// A CA rotation is under way (`AuthorityRotation.Phase`).
  case authorityRotating = "AuthorityRotating"
  /// Pods run with a former certificate until somebody restarts them.
  case restartPending = "RestartPending"
  /// The owner of a provided Secret should know something about it.
  case secretFindings = "SecretFindings"
  /// A provided CA is in the last third of its lifetime.
  case authorityExpiring = "AuthorityExpiring"
  /// The Milvus version of a component is not known.
  case versionAssumed = "VersionAssumed"
  /// TLS settings are written where Milvus ignores them.
  case misplaced = "Misplaced"
  /// Environment variables that the operator cannot read may override the TLS configuration.
  case mayBeOverridden = "MayBeOverridden"
  /// TLS stays enabled although nothing in the Milvus requests it any more.
  case annotationsMissing = "AnnotationsMissing"
  /// The annotations of the Milvus do not count beside a MilvusTLS that a person wrote.
  case annotationsIgnored = "AnnotationsIgnored"
  /// The Service leads to another port than the one where Milvus serves REST.
  case restUnreachable = "RESTUnreachable"
  /// An upgrade is under way during which requests fail.
  case requestsLost = "RequestsLost"

  /// Whether it is neither `Ready` nor `Verified`.
  var isNote: Bool { self != .ready && self != .verified }
}
