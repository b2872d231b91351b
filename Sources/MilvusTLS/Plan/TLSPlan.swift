import Foundation
import JSON
import PKI

/// What has to be done for one Milvus now.
///
/// While there are actions they come first, and a new plan is made from their outcome; the rest of a plan counts only
/// when it has none.
public struct TLSPlan: Sendable, Equatable {
  /// Writes and look-ups, in order.
  public var actions: [Action] = []
  /// Statuses to write; none for a MilvusTLS whose status says the same already.
  public var statuses: [StatusChange] = []
  /// A warning event for a Milvus that has no MilvusTLS to carry a condition.
  public var warning: Warning?
  /// What has to be observed of the pods.
  public var evidence = EvidenceRequest()
  /// When to look again without being woken by a change.
  public var wakeUp: Date?

  public struct Warning: Sendable, Hashable {
    public enum Reason: String, Sendable {
      /// The MilvusTLS was deleted, and TLS stays enabled.
      case abandoned = "Abandoned"
      /// TLS settings are where Milvus ignores them.
      case misplaced = "Misplaced"
      /// Environment variables turn off the TLS that the configuration asks for.
      case overridden = "Overridden"
    }

    public let reason: Reason
    public let message: String

    public init(reason: Reason, message: String) {
      (self.reason, self.message) = (reason, message)
    }
  }

  public enum Action: Sendable, Equatable {
    /// Create the MilvusTLS of a Milvus that requests TLS by itself.
    case createMilvusTLS(JSONValue)
    /// Keep it in step with the annotations: a merge patch with its resourceVersion.
    case updateMilvusTLS(name: String, patch: JSONValue)
    /// Read Secrets of which the watch brings only metadata, because the operator does not manage them.
    case lookUp([String])
    /// Read ConfigMaps that provide files, and follow them from then on.
    case lookUpConfigMaps([String])
    /// Have cert-manager issue a certificate: the Certificate as it has to be, and as observed.
    case applyCertificate(JSONValue, replacing: CertManagerCertificate?)
    /// Delete a Certificate that cert-manager issued for a client that the spec no longer lists.
    case deleteCertificate(CertManagerCertificate)
    /// Write a status before anything else.
    case writeStatus(StatusChange)
    /// Give a Secret that the operator wrote back its owner, this Milvus, or a label, which it has lost
    /// (`ObservedSecret.adoption`).
    case adopt(ObservedSecret)
    /// Take labels and owner from a Secret that has become somebody else's (`ObservedSecret.release`).
    case release(ObservedSecret)
    /// Issue a certificate and write it into its Secret.
    case writeCertificate(CertificateWrite)
    /// Change the authority's Secret for a CA rotation.
    case changeAuthority(AuthorityChange, in: ObservedSecret)
    /// Delete the Secret of a client that the spec no longer lists.
    case delete(ObservedSecret)
    /// Change the Milvus: a merge patch with its resourceVersion.
    case patchMilvus(JSONValue, Change)
  }

  public struct CertificateWrite: Sendable, Equatable {
    public let desired: DesiredCertificate
    /// The Secret of the CA that signs; nil for a CA, which signs itself.
    public var authoritySecret: String?
    /// Its resourceVersion.
    public var authorityVersion: String?
    /// The CAs of the release; nil for a CA.
    public var rotation: AuthorityRotation?
    /// Since when `ca.pem` holds what is written; nil where nobody knows.
    public var trustedSince: Date?
    public let violation: CertificateViolation
    /// The Secret as observed; nil where there is none.
    public let replacing: ObservedSecret?

    /// Whether it begins a rollout that counts against the limit for changed defaults.
    public var isLimited: Bool { desired.role == .server && violation.timing == .gradual }
  }

  /// Handshakes to make with the pods of one Milvus.
  public struct Handshakes: Sendable, Equatable {
    public let endpoints: [Endpoint]
    /// What the served certificates have to chain to; empty where nobody knows.
    public let authorities: [Certificate]
    /// The client that has to be accepted; nil where there is none.
    public let client: ClientSecret?

    /// The Secret of a client, and its entries.
    public struct ClientSecret: Sendable, Equatable {
      public let name: String
      public let certificateEntry: String
      public let privateKeyEntry: String
    }
  }

  /// What a patch of a Milvus does.
  public enum Change: Sendable, Equatable {
    case configure(external: ExternalMode, internal: Bool)
    /// Only roll the pods, to load renewed certificates.
    case restart
    /// Roll the pods once more, because some started with the former certificate.
    case restartAgain
    case remove

    /// One word, for events.
    public var reason: String {
      switch self {
      case .configure: "Configured"
      case .restart, .restartAgain: "Restarting"
      case .remove: "Removed"
      }
    }

    /// The change for people.
    public var description: String {
      switch self {
      case .configure(let external, let `internal`):
        "Configured external TLS \(external.rawValue) and internal TLS \(`internal` ? "enabled" : "disabled") in the Milvus"
      case .restart: "Restarting pods to load the renewed certificates"
      case .restartAgain: "Restarting pods again: some started with the former certificate"
      case .remove: "Removed the TLS configuration from the Milvus"
      }
    }
  }

  public struct StatusChange: Sendable, Equatable {
    public let milvusTLS: String
    public let patch: JSONValue
    /// Conditions whose status or reason changes with it.
    public let transitions: [Condition]
  }
}
