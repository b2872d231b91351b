/// A condition of a MilvusTLS (Kubernetes API conventions, "Typical status properties").
public struct Condition: Sendable, Equatable {
  public enum Status: String, Sendable { case `true` = "True", `false` = "False", unknown = "Unknown" }

  /// The definition allows 32768 characters.
  private static let messageLimit = 30_000

  public let type: ConditionType
  public let status: Status
  /// One word in CamelCase: the raw value of a `ConditionReason`.
  public let reason: String
  /// A sentence for people.
  public let message: String
  /// Generation of the MilvusTLS that the condition is about; nil for one that is not stored yet.
  public internal(set) var observedGeneration: Int?
  /// When the status last changed (RFC 3339); nil for one that is not stored yet.
  public internal(set) var lastTransitionTime: String?

  /// The condition of a reason.
  init(_ reason: some ConditionReason, _ message: String) {
    self.init(reason.type, reason.status, reason.rawValue, message)
  }

  init(
    _ type: ConditionType,
    _ status: Status,
    _ reason: String,
    _ message: String,
    observedGeneration: Int? = nil,
    lastTransitionTime: String? = nil
  ) {
    self.type = type
    self.status = status
    self.reason = reason
    self.message = message.shortened(to: Self.messageLimit)
    self.observedGeneration = observedGeneration
    self.lastTransitionTime = lastTransitionTime
  }

  /// Whether the condition is a reason to warn people.
  public var isWarning: Bool {
    switch type {
    case .ready, .verified: status == .false
    case .rotationPending, .authorityRotating: false
    case .plaintextExposed, .restartPending, .secretFindings, .authorityExpiring, .versionAssumed, .misplaced,
      .mayBeOverridden, .annotationsMissing, .annotationsIgnored, .restUnreachable, .requestsLost:
      status == .true
    }
  }

  /// Whether its coming is worth an event: not that something is unknown, nor that a note no longer applies.
  public var isEvent: Bool {
    switch status {
    case .true: true
    case .false: !type.isNote || type == .authorityRotating
    case .unknown: false
    }
  }

  /// The condition that ends a note: it is set to False, so that `kubectl wait` returns; to Unknown where nothing is
  /// known.
  static func ended(_ type: ConditionType, _ end: NoteEnd) -> Condition {
    Condition(type, end == .notReady ? .unknown : .false, end.rawValue, end.message(type))
  }
}

/// Why a note is not True any more.
enum NoteEnd: String {
  /// The CA rotation has ended: everything trusts the new CA alone.
  case completed = "Completed"
  /// What was noted is no longer so.
  case resolved = "Resolved"
  /// TLS is disabled.
  case disabled = "Disabled"
  /// It is not known whether it is still so, because `Ready` is False.
  case notReady = "NotReady"

  fileprivate func message(_ type: ConditionType) -> String {
    switch (self, type) {
    case (.disabled, _): "TLS is disabled"
    case (.notReady, _): "Not evaluated because the MilvusTLS is not Ready"
    case (_, .authorityRotating): "CA rotation completed: pods trust the current CA alone"
    case (_, .plaintextExposed): "No port answers the operator without TLS"
    case (_, .rotationPending): "No rotation is waiting"
    case (_, .restartPending): "Pods run with the current certificate"
    case (_, .secretFindings): "No findings in the Secret"
    case (_, .authorityExpiring): "The CA does not expire soon"
    case (_, .versionAssumed): "Every Milvus version is known"
    case (_, .misplaced): "All TLS settings are where Milvus reads them"
    case (_, .mayBeOverridden): "The operator reads every environment variable that sets TLS"
    case (_, .annotationsMissing): "Annotations specify all TLS that is enabled"
    case (_, .annotationsIgnored): "No annotations are ignored"
    case (_, .restUnreachable): "The Service leads to the REST port"
    case (_, .requestsLost): "No proxies of Milvus 2.5 and 2.6 serve side by side"
    case (_, .ready), (_, .verified): ""
    }
  }
}
