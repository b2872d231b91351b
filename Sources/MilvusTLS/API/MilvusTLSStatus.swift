import PKI

/// `status` of a MilvusTLS: what is in place, proven and due.
public struct MilvusTLSStatus: Sendable, Equatable {
  /// Generation of the spec that the status is about.
  public var observedGeneration: Int?
  public var conditions: [Condition] = []
  /// TLS for clients, with what the spec leaves open resolved.
  public var external: ExternalMode?
  /// TLS between the components, with what the spec leaves open resolved.
  public var `internal`: Bool?
  /// The server certificate; nil before there is one.
  public var certificate: Certificate?
  /// The CA that signs; nil where somebody else signs.
  public var authority: Authority?
  public var clients: [Client] = []
  /// What the logs proved, pod by pod.
  public var pods: [Pod] = []
  /// What handshakes proved, port by port.
  public var endpoints: [Endpoint] = []
  /// What answers without TLS.
  public var plaintext: [PlaintextPort] = []
  /// How often other writers removed the operator's fields from the Milvus.
  var reversions: Reversions?
  /// The provided Secret that was audited last and is not in use: its change concerns this MilvusTLS.
  public var checkedSecret: String?
  /// The Secrets and ConfigMaps that provide the files where the author mounts several.
  var provided: [FileEntry.Object] = []
  /// The rollout that is under way.
  public var rollout: Rollout?

  public init() {}

  /// Who keeps a certificate.
  public enum Source: String, Sendable {
    /// This operator.
    case `operator` = "Operator"
    /// Whoever wrote the Secret.
    case secret = "Secret"
    /// cert-manager.
    case certManager = "CertManager"
    /// Somebody whose files the operator cannot see: it is what the pods serve.
    case pods = "Pods"
  }

  /// The server certificate in its Secret.
  public struct Certificate: Sendable, Equatable {
    /// Empty for `Source.pods`.
    public var secretName: String
    public var source: Source
    public var serialNumber: String
    /// Times are in RFC 3339, as the API stores them.
    public var notBefore: String
    public var notAfter: String
    /// When it is due for renewal; nil where somebody else renews it.
    public var renewalTime: String?
    public var dnsNames: [String]
    /// What the pods carry that use it; nil before the Milvus was configured with it.
    public var digest: String?
    /// The value of `tls.milvus.io/rotate` that it was issued for.
    public var rotation: String?
  }

  /// The CA in its Secret.
  public struct Authority: Sendable, Equatable {
    public var secretName: String
    public var source: Source
    public var serialNumber: String
    public var notAfter: String
    /// The value of `tls.milvus.io/rotate-authority` that it was made for.
    public var rotation: String?
    /// The phase of its rotation; nil while none is under way.
    public var phase: AuthorityRotation.Phase?
  }

  /// A client's certificate.
  public struct Client: Sendable, Equatable {
    public var name: String
    public var secretName: String
    public var notAfter: String
    /// Since when the spec does not list the client; its Secret is deleted one overlap later.
    public var unlistedSince: String?
  }

  /// A pod's verdict, kept so that no log is read twice.
  public struct Pod: Sendable, Equatable {
    public var name: String
    public var run: ContainerRun
    public var verdict: Verdict
  }

  /// A port's verdict.
  public struct Endpoint: Sendable, Equatable {
    public var name: String
    /// IP address and port.
    public var address: String
    public var podUID: String
    public var restartCount: Int
    /// SHA-256 fingerprint of the certificate that has to be served; empty where it is not known.
    public var certificate: String
    public var verdict: Verdict
  }

  /// A port number that answers without TLS, in the same way in several pods.
  public struct PlaintextPort: Sendable, Equatable {
    public var port: UInt16
    public var `protocol`: String
    /// What the port is for, and what it serves to anybody.
    public var evidence: String
    /// How many pods it is in.
    public var pods: Int
    /// The name of the first.
    public var example: String
  }

  /// A rollout.
  public struct Rollout: Sendable, Equatable {
    /// What the pods carry that it has reached.
    public var digest: String
    public var since: String
  }
}

// MARK: Conditions

extension MilvusTLSStatus {
  /// The condition of a type.
  public func condition(_ type: ConditionType) -> Condition? { conditions.first { $0.type == type } }

  /// The reason of `Ready`; nil where there is none, or one that this version does not know.
  public var readyReason: ReadyReason? { condition(.ready).flatMap { ReadyReason(rawValue: $0.reason) } }

  /// The reason of `Verified`.
  public var verifiedReason: VerifiedReason? { condition(.verified).flatMap { VerifiedReason(rawValue: $0.reason) } }

  /// The clients that the spec lists.
  public var listedClients: [Client] { clients.filter { $0.unlistedSince == nil } }
}

// MARK: Memory

extension MilvusTLSStatus {
  /// What is remembered of the pods, so that nothing is read twice.
  public var evidence: Evidence {
    var evidence = Evidence()
    for pod in pods { evidence.logs[pod.run] = pod.verdict }
    for endpoint in endpoints { evidence.handshakes[endpoint.memoryKey] = endpoint.verdict }
    return evidence
  }
}

extension MilvusTLSStatus.Endpoint {
  fileprivate var memoryKey: String {
    MilvusTLS.Endpoint.memoryKey(name, podUID, restartCount, address, certificate)
  }
}
