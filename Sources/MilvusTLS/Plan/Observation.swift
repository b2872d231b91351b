import Foundation

/// Everything that a decision about one Milvus rests on, at one moment.
public struct Observation: Sendable {
  public var now: Date
  /// The shortest duration of a certificate that is accepted.
  public var minimumDuration = Duration.hours(1)
  /// How long after the creation of a Milvus that only its own configuration requests TLS a missing Secret is waited
  /// for, before the operator creates it; nil forever.
  public var issueMissingAfter: Duration? = .seconds(60)
  public var milvus: ObservedMilvus?
  /// Every MilvusTLS for this Milvus.
  public var milvusTLS: [ObservedMilvusTLS]
  /// Whether the API server has no definition of MilvusTLS.
  public var isDefinitionMissing = false
  /// The Secrets of the namespace that the operator wrote, by name.
  public var secrets: [String: ObservedSecret]
  /// The resourceVersions of the namespace's Secrets that the operator does not manage, by name.
  public var unmanagedVersions: [String: String] = [:]
  /// Those of them that were looked up, by name.
  public var unmanagedSecrets: [String: ObservedSecret] = [:]
  /// The ConfigMaps that were looked up, by name; nil for one that does not exist.
  public var configMaps: [String: ObservedConfigMap?] = [:]
  /// The Milvus that uses an unmanaged Secret, by the Secret's name; this Milvus before others.
  public var unmanagedSecretUsers: [String: String] = [:]
  /// What is known of cert-manager.
  public var certManager = CertManagerState.unknown
  /// The pods of this Milvus.
  public var pods: [ObservedPod]
  /// What was observed of their TLS.
  public var evidence = Evidence()
  /// Whether as many other Milvus as are allowed at a time are rolled because a new version of the operator changed its
  /// defaults.
  public var isRolloutLimitReached = false

  public init(
    now: Date,
    milvus: ObservedMilvus?,
    milvusTLS: [ObservedMilvusTLS] = [],
    secrets: [String: ObservedSecret] = [:],
    pods: [ObservedPod] = []
  ) {
    self.now = now
    self.milvus = milvus
    self.milvusTLS = milvusTLS
    self.secrets = secrets
    self.pods = pods
  }

  /// The MilvusTLS that applies to the Milvus.
  var deciding: ObservedMilvusTLS? { milvusTLS.deciding }

  /// The Secret of a name; nil where there is none, or it has not been looked up.
  func secret(_ name: String) -> ObservedSecret? {
    if let managed = secrets[name] { return managed }
    guard let version = unmanagedVersions[name], let secret = unmanagedSecrets[name] else { return nil }
    return secret.resourceVersion == version ? secret : nil
  }

  /// The Milvus that a Secret of a name belongs to, or is used by; nil where there is none.
  func owner(_ secret: String) -> String? {
    if let own = secrets[secret]?.milvus { return own }
    if case .installed(let certificates) = certManager, let certificate = certificates[secret] {
      return certificate.milvus
    }
    return unmanagedSecretUsers[secret]
  }

  /// Those of the names whose Secrets have to be looked up.
  func unread(_ names: [String]) -> [String] {
    names.filter { secret($0) == nil && unmanagedVersions[$0] != nil }
  }
}
