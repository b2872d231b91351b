import Foundation
import JSON
import PKI

/// What is to be done for one Milvus now.
///
/// While there are actions they come first, and a new plan is made from what they led to; the rest of a plan counts only
/// when it has none.
public struct TLSPlan: Sendable, Equatable {
  /// Writes, in order.
  public var actions: [Action] = []
  /// Statuses to be written; none for a MilvusTLS whose status says the same already.
  public var statuses: [StatusChange] = []
  /// What its users have to know and no status can tell: a sentence for a warning event on the Milvus.
  public var warning: String?
  /// Pods whose logs have to be read.
  public var logs: [ObservedPod] = []
  /// Ports that have to be asked for their certificate, now and then.
  public var handshakes: Handshakes?
  /// When to look again without being woken by a change.
  public var wakeUp: Date?

  public enum Action: Sendable, Equatable {
    /// Make the MilvusTLS of a Milvus that asks by annotation.
    case createMilvusTLS(JSONValue)
    /// Keep it in step with the annotations: a merge patch with its resourceVersion.
    case updateMilvusTLS(name: String, patch: JSONValue)
    /// Read Secrets of which the watch brings metadata alone, because the operator did not write them.
    case lookUp([String])
    /// Have cert-manager issue a certificate: the Certificate as it shall be, and as observed.
    case applyCertificate(JSONValue, replacing: ObservedCertificate?)
    /// Write a status before anything else.
    case writeStatus(StatusChange)
    /// Make this Milvus the owner of a Secret that the operator wrote and that has lost its owner, as in a restored backup.
    case adopt(ObservedSecret)
    /// Issue a certificate and write it into its Secret.
    case issue(Issue)
    /// Put another authority beside the one in a Secret: the first step of its replacement.
    case introduceAuthority(CertificateRequest, IssuanceReason, into: ObservedSecret)
    /// Have the authority that was introduced into a Secret take over.
    case promoteAuthority(in: ObservedSecret)
    /// Delete the Secret of a client that is not wanted any more.
    case delete(ObservedSecret)
    /// Change the Milvus: a merge patch with its resourceVersion.
    case patchMilvus(JSONValue, Change)
  }

  public struct Issue: Sendable, Equatable {
    public let request: CertificateRequest
    /// Secret of the authority that signs; nil for an authority, which signs itself.
    public var authoritySecret: String?
    /// That Secret's resourceVersion.
    public var authorityVersion: String?
    /// Who signs, and whom `ca.pem` names; nil for an authority.
    public var trust: Trust?
    /// Since when `ca.pem` holds what it shall; nil where nobody knows.
    public var trustedSince: Date?
    public let reason: IssuanceReason
    /// The Secret as observed; nil where there is none.
    public let replacing: ObservedSecret?
  }

  /// Handshakes to be made with the pods of one Milvus.
  public struct Handshakes: Sendable, Equatable {
    public let endpoints: [Endpoint]
    /// What the certificates that are served have to lead to.
    public let authorities: [Certificate]
    /// The Secret of a client that has to be let in, and where it holds certificate and key; nil without one.
    public let client: ClientSecret?

    public struct ClientSecret: Sendable, Equatable {
      public let name: String
      public let certificateKey: String
      public let privateKeyKey: String
    }
  }

  /// What a patch of a Milvus does.
  public enum Change: Sendable, Equatable, CustomStringConvertible {
    case configure(external: ExternalMode, internal: Bool)
    /// Only roll the pods, to take up renewed certificates.
    case restart
    case remove

    /// The change in words, for logs and events.
    public var description: String {
      switch self {
      case .configure(let external, let `internal`):
        "configured the Milvus: external TLS \(external.rawValue), internal TLS \(`internal` ? "enabled" : "disabled")"
      case .restart: "told the Milvus of its renewed certificates"
      case .remove: "took the TLS configuration out of the Milvus"
      }
    }
  }

  public struct StatusChange: Sendable, Equatable {
    public let milvusTLS: String
    public let patch: JSONValue
    /// Conditions that change their status or reason with it: each is worth an event.
    public let transitions: [Condition]
  }
}
