import Foundation
import JSON

/// What is to be done for one Milvus now.
///
/// While there are actions they come first, and a new plan is made from what they led to; the rest of a plan counts only
/// when it has none.
public struct TLSPlan: Sendable, Equatable {
  /// Writes, in order.
  public var actions: [Action] = []
  /// The MilvusTLS whose status is to be written, and the merge patch for it; nil where it is right already.
  public var status: StatusChange?
  /// Pods whose logs have to be read.
  public var logs: [ObservedPod] = []
  /// When to look again without being woken by a change.
  public var wakeUp: Date?

  public enum Action: Sendable, Equatable {
    /// Make the MilvusTLS of a Milvus that asks by annotation.
    case createMilvusTLS(JSONValue)
    /// Keep it in step with the annotations: a merge patch with its resourceVersion.
    case updateMilvusTLS(name: String, patch: JSONValue)
    /// Issue a certificate and write it into its Secret.
    case issue(Issue)
    /// Change the Milvus: a merge patch with its resourceVersion.
    case patchMilvus(JSONValue, Change)
  }

  public struct Issue: Sendable, Equatable {
    public let request: CertificateRequest
    /// Secret of the authority that signs; nil for an authority, which signs itself.
    public let authoritySecret: String?
    public let reason: IssuanceReason
    /// The Secret as observed; nil where there is none.
    public let replacing: ObservedSecret?
  }

  /// What a patch of a Milvus does.
  public enum Change: Sendable, Equatable, CustomStringConvertible {
    case configure(external: ExternalMode, internal: Bool)
    case remove

    /// The change in words, for logs and events.
    public var description: String {
      switch self {
      case .configure(let external, let `internal`):
        "configured the Milvus: external TLS \(external.rawValue), internal TLS \(`internal` ? "enabled" : "disabled")"
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
