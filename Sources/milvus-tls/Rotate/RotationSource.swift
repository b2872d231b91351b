import Foundation
import JSON
import Kubernetes
import MilvusTLS
import Operator

/// A MilvusTLS whose certificates the operator can rotate.
struct RotationSource {
  let milvusTLS: ObservedMilvusTLS

  /// Reads it.
  /// - Throws: `CommandFailure` where there is none, or where what is to be rotated is not the operator's; `KubernetesError`.
  init(of release: Release, for subject: RotationRequest.Subject) async throws {
    guard let milvusTLS = try await release.findMilvusTLS() else { throw try await Self.missing(release) }
    try self.init(milvusTLS, for: subject)
  }

  /// - Throws: `CommandFailure` where what is to be rotated is not the operator's.
  init(_ milvusTLS: ObservedMilvusTLS, for subject: RotationRequest.Subject) throws {
    let (status, milvus) = (milvusTLS.status, "\(milvusTLS.namespace)/\(milvusTLS.milvusName)")
    guard status.condition("Ready")?["reason"] != "Disabled" else {
      throw CommandFailure(
        "TLS of Milvus \(milvus) is off: annotate it with \(Names.externalAnnotation) or \(Names.internalAnnotation), or set "
          + "spec.external.mode or spec.internal.enabled of MilvusTLS \(milvusTLS.name)"
      )
    }
    let secret = status[path: "certificate", "secretName"]?.string ?? ""
    switch status[path: "certificate", "source"]?.string {
    case "Operator": break
    case "CertManager":
      throw CommandFailure(
        "cert-manager renews the certificates of Milvus \(milvus), not this operator: cmctl renew \(secret) "
          + "--namespace \(milvusTLS.namespace)"
      )
    case "Secret":
      throw CommandFailure(
        "Secret \(milvusTLS.namespace)/\(secret) of Milvus \(milvus) is somebody else's, and never written by this operator: "
          + "its author has to renew it"
      )
    default: throw CommandFailure(notReady: milvusTLS)
    }
    let authority = status["authority"]
    guard subject != .authority || (authority?.object != nil && authority?["source"] != "Secret") else {
      let own = milvusTLS.spec[path: "authority", "secretName"]?.string.map { " in Secret \($0)" } ?? ""
      throw CommandFailure(
        "the authority of Milvus \(milvus) is not the operator's: whoever keeps it has to replace \(Names.authorityCertificate) "
          + "and \(Names.authorityKey)\(own)"
      )
    }
    self.milvusTLS = milvusTLS
  }

  /// Why there is no MilvusTLS, as the operator itself would look at it.
  private static func missing(_ release: Release) async throws -> CommandFailure {
    let milvus = try await release.read(.milvuses, release.name)
    let plan = TLSPlanner.plan(Observation(now: Date(), milvus: ObservedMilvus(milvus.json)))
    let name = "Milvus \(release.namespace)/\(release.name)"
    if let warning = plan.warning { return CommandFailure("\(name): \(warning)") }
    guard !plan.actions.isEmpty else {
      return CommandFailure(
        "\(name) asks for no TLS: annotate it with \(Names.externalAnnotation) or \(Names.internalAnnotation)"
      )
    }
    return CommandFailure(
      "\(name) asks for TLS and has no MilvusTLS yet: see that the operator runs and takes care of namespace "
        + release.namespace
    )
  }
}
