import Foundation

/// What is known of cert-manager in the cluster.
public enum CertManagerState: Sendable, Equatable {
  /// Whether it is there could not be told yet.
  case unknown
  case notInstalled
  /// With the Certificates of the namespace that the operator asked it for, by name.
  case installed([String: ObservedCertificate])
}

/// Everything a decision about one Milvus rests on, at one moment.
public struct Observation: Sendable {
  public var now: Date
  /// The shortest lifetime of a certificate that is taken.
  public var minimumDuration = Duration.hours(1)
  public var milvus: ObservedMilvus?
  /// Every MilvusTLS for this Milvus.
  public var milvusTLS: [ObservedMilvusTLS]
  /// The Secrets of the namespace that the operator wrote, by name.
  public var secrets: [String: ObservedSecret]
  /// The resourceVersions of the namespace's other Secrets, by name.
  public var otherSecrets: [String: String] = [:]
  /// Those of the others that were looked up, by name.
  public var foreignSecrets: [String: ObservedSecret] = [:]
  /// The Milvus that uses a Secret which the operator did not write, by the Secret's name; this Milvus before others.
  public var foreignSecretUsers: [String: String] = [:]
  /// What is known of cert-manager.
  public var certManager = CertManagerState.unknown
  /// The pods of this Milvus.
  public var pods: [ObservedPod]
  /// What their logs said.
  public var verdicts: [ContainerRun: Verdict]
  /// What handshakes with their ports proved, by `Endpoint.memoryKey`.
  public var endpointVerdicts: [String: Verdict] = [:]
  /// Why some logs could not be read so far.
  public var logProblems: [ContainerRun: String] = [:]

  public init(
    now: Date,
    milvus: ObservedMilvus?,
    milvusTLS: [ObservedMilvusTLS] = [],
    secrets: [String: ObservedSecret] = [:],
    pods: [ObservedPod] = [],
    verdicts: [ContainerRun: Verdict] = [:]
  ) {
    self.now = now
    self.milvus = milvus
    self.milvusTLS = milvusTLS
    self.secrets = secrets
    self.pods = pods
    self.verdicts = verdicts
  }

  /// The Secret of a name; nil where there is none, or it has not been looked up.
  func secret(_ name: String) -> ObservedSecret? {
    if let own = secrets[name] { return own }
    guard let version = otherSecrets[name], let foreign = foreignSecrets[name] else { return nil }
    return foreign.resourceVersion == version ? foreign : nil
  }

  /// The Milvus that a Secret of a name belongs to, or is used by; nil where there is none.
  func owner(_ secret: String) -> String? {
    if let own = secrets[secret]?.milvus { return own }
    if case .installed(let certificates) = certManager, let certificate = certificates[secret] {
      return certificate.milvus
    }
    return foreignSecretUsers[secret]
  }

  /// Those of the names under which a Secret is that has to be looked up.
  func unread(_ names: [String]) -> [String] {
    names.filter { secret($0) == nil && otherSecrets[$0] != nil }
  }
}
