/// A reason of a condition: it decides the condition's type and status.
public protocol ConditionReason: RawRepresentable<String>, CaseIterable, Sendable {
  var type: ConditionType { get }
  var status: Condition.Status { get }
}

/// Why a MilvusTLS is `Ready`, or is not.
public enum ReadyReason: String, ConditionReason {
  // True

  /// The certificates are in place and the Milvus is configured to use them.
  case configured = "Configured"
  /// No TLS is specified, and nothing of the operator's is left in the Milvus.
  case disabled = "Disabled"

  // False: the request

  /// An annotation of the Milvus has a value that is not allowed.
  case invalidAnnotation = "InvalidAnnotation"
  /// A field of the MilvusTLS has a value that is not allowed.
  case invalidSpec = "InvalidSpec"
  /// The Milvus says the opposite of what is specified.
  case conflict = "Conflict"
  /// The Milvus version has no internal TLS.
  case unsupportedVersion = "UnsupportedVersion"
  /// There is no Milvus of that name.
  case milvusNotFound = "MilvusNotFound"
  /// An older MilvusTLS applies to the same Milvus.
  case superseded = "Superseded"

  // False: Secrets

  /// The configuration reads files that no Secret which the Milvus mounts provides, and nothing else requests TLS.
  case filesNotVisible = "FilesNotVisible"
  /// A Secret that somebody else provides does not exist, or not yet.
  case secretMissing = "SecretMissing"
  /// Milvus could not start with a provided Secret.
  case secretInvalid = "SecretInvalid"
  /// A Secret of a needed name exists and is not managed by the operator.
  case secretNotManaged = "SecretNotManaged"
  /// A Secret or Certificate of a needed name belongs to another Milvus or another issuer.
  case secretInUse = "SecretInUse"
  /// A Secret of a needed name belongs to a former Milvus of the same name and is being deleted.
  case waitingForDeletion = "WaitingForDeletion"
  /// A CA cannot be used.
  case authorityInvalid = "AuthorityInvalid"

  // False: cert-manager

  /// An issuer is named, and cert-manager is not installed.
  case certManagerNotInstalled = "CertManagerNotInstalled"
  /// It is not known whether cert-manager is installed.
  case certManagerUnreachable = "CertManagerUnreachable"
  /// cert-manager has not issued a Certificate yet.
  case waitingForCertManager = "WaitingForCertManager"

  // False: writes

  /// Another writer removed the operator's fields from the Milvus several times.
  case fieldsReverted = "FieldsReverted"
  /// A request failed and will fail again until somebody changes something.
  case reconcileFailed = "ReconcileFailed"

  public var type: ConditionType { .ready }

  public var status: Condition.Status {
    switch self {
    case .configured, .disabled: .true
    case .invalidAnnotation, .invalidSpec, .conflict, .unsupportedVersion, .milvusNotFound, .superseded,
      .filesNotVisible, .secretMissing,
      .secretInvalid, .secretNotManaged, .secretInUse, .waitingForDeletion, .authorityInvalid, .certManagerNotInstalled,
      .certManagerUnreachable, .waitingForCertManager, .fieldsReverted, .reconcileFailed:
      .false
    }
  }
}

/// Why the pods are `Verified`, or are not.
public enum VerifiedReason: String, ConditionReason {
  // True

  /// Every pod's log says that internal TLS is enabled.
  case logsConfirm = "LogsConfirm"
  /// Handshakes with every port showed the certificate of the Secret.
  case handshakesConfirm = "HandshakesConfirm"
  /// Both.
  case logsAndHandshakesConfirm = "LogsAndHandshakesConfirm"

  // False

  /// A pod's log says that internal TLS is off, or that Milvus cannot use its certificates.
  case logRefutes = "LogRefutes"
  /// A port serves another certificate, or none.
  case handshakeRefutes = "HandshakeRefutes"
  /// A rollout has not finished in half an hour.
  case rolloutUnfinished = "RolloutUnfinished"

  // Unknown

  /// `Ready` is False.
  case notReady = "NotReady"
  /// No TLS is specified.
  case disabled = "Disabled"
  /// The Milvus has no pods.
  case noPods = "NoPods"
  /// Pods of the previous template still run.
  case rollingOut = "RollingOut"
  /// Pods are not ready, or their logs are not read yet.
  case waitingForPods = "WaitingForPods"
  /// A port has not been asked yet.
  case waitingForHandshakes = "WaitingForHandshakes"
  /// `spec.verification.handshake` is false, and no log proves this.
  case handshakesNotMade = "HandshakesNotMade"
  /// A port could not be asked, or its answer proves nothing.
  case handshakeUnclear = "HandshakeUnclear"
  /// A pod's log could not be read.
  case logUnreadable = "LogUnreadable"
  /// A pod's log proves nothing.
  case logUnclear = "LogUnclear"

  public var type: ConditionType { .verified }

  public var status: Condition.Status {
    switch self {
    case .logsConfirm, .handshakesConfirm, .logsAndHandshakesConfirm: .true
    case .logRefutes, .handshakeRefutes, .rolloutUnfinished: .false
    case .notReady, .disabled, .noPods, .rollingOut, .waitingForPods, .waitingForHandshakes, .handshakesNotMade,
      .handshakeUnclear, .logUnreadable, .logUnclear:
      .unknown
    }
  }

  /// Whether the pods count as proven for the next step of a CA rotation. With verification disabled, readiness is
  /// enough.
  var permitsRotation: Bool { status == .true || self == .handshakesNotMade }

  /// Whether it passes by itself: a rollout or the verification of its pods is under way.
  var isProgress: Bool { self == .rollingOut || self == .waitingForPods || self == .waitingForHandshakes }
}

/// What a rotation waits for.
public enum PendingReason: String, ConditionReason {
  /// Pods are being rolled already.
  case rolloutInProgress = "RolloutInProgress"
  /// No window of `spec.rotation.windows` is open.
  case outsideWindow = "OutsideWindow"
  /// Not every pod is verified.
  case notVerified = "NotVerified"
  /// Clients have until then to read their Secrets again (`spec.authority.overlap`).
  case overlap = "Overlap"
  /// Nodes may still mount the former `ca.pem`.
  case waitingForNodes = "WaitingForNodes"
  /// `spec.rotation.restart` is false: somebody has to restart a pod.
  case restartIsOff = "RestartIsOff"
  /// A new version of the operator changed its defaults, and other Milvus are rolled first.
  case rolloutLimit = "RolloutLimit"
  /// `Ready` is False.
  case notReady = "NotReady"
  /// `spec.components.paused` is true.
  case paused = "Paused"
  /// `spec.components.enableManualMode` is true.
  case manualMode = "ManualMode"
  /// The Milvus is stopped.
  case stopped = "Stopped"
  /// The serving component has no replicas.
  case scaledToZero = "ScaledToZero"

  public var type: ConditionType { .rotationPending }
  public var status: Condition.Status { .true }
}

/// Whether ports answer without TLS.
public enum PlaintextReason: String, ConditionReason {
  // True

  /// A port answers a client without TLS.
  case answersInPlaintext = "AnswersInPlaintext"

  // False

  /// No port that the operator reaches answers a client without TLS.
  case noAnswerInPlaintext = "NoAnswerInPlaintext"

  // Unknown

  /// The operator reaches no port of the pods.
  case notReachable = "NotReachable"
  /// `spec.verification.plaintext` is false.
  case notAsked = "NotAsked"

  public var type: ConditionType { .plaintextExposed }

  public var status: Condition.Status {
    switch self {
    case .answersInPlaintext: .true
    case .noAnswerInPlaintext: .false
    case .notReachable, .notAsked: .unknown
    }
  }
}

/// What else users should know.
public enum NoteReason: String, ConditionReason {
  /// `spec.rotation.restart` is false.
  case restartIsOff = "RestartIsOff"
  /// The audit of a provided Secret has findings that do not keep Milvus from starting.
  case findings = "Findings"
  /// The last third of a provided CA's lifetime has begun.
  case lastThird = "LastThird"
  /// The tag of an image is no version.
  case noVersion = "NoVersion"
  /// Milvus reads these settings in another place.
  case ignoredByMilvus = "IgnoredByMilvus"
  /// An environment variable that may override the TLS configuration comes from a Secret, a ConfigMap or a field.
  case variablesUnread = "VariablesUnread"
  /// An annotation was removed. TLS is disabled in so many words or not at all.
  case annotationRemoved = "AnnotationRemoved"
  /// A MilvusTLS that a person wrote decides.
  case milvusTLSDecides = "MilvusTLSDecides"
  /// `proxy.http.port` and `serviceRestfulPort` differ.
  case portsDiffer = "PortsDiffer"
  /// Proxies of Milvus 2.5 and of a 2.6 that cannot forward requests to them over TLS serve side by side.
  case mixedProxies = "MixedProxies"

  public var type: ConditionType {
    switch self {
    case .restartIsOff: .restartPending
    case .findings: .secretFindings
    case .lastThird: .authorityExpiring
    case .noVersion: .versionAssumed
    case .ignoredByMilvus: .misplaced
    case .variablesUnread: .mayBeOverridden
    case .annotationRemoved: .annotationsMissing
    case .milvusTLSDecides: .annotationsIgnored
    case .portsDiffer: .restUnreachable
    case .mixedProxies: .requestsLost
    }
  }

  public var status: Condition.Status { .true }
}
