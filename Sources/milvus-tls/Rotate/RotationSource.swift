import Foundation
import JSON
import Kubernetes
import MilvusTLS
import Operator

/// A MilvusTLS whose certificates the operator can rotate.
struct RotationSource {
  let milvusTLS: ObservedMilvusTLS

  /// Reads the MilvusTLS.
  /// - Throws: `CommandFailure` if there is none, or if the operator does not manage what is to be rotated;
  ///   `KubernetesError`.
  init(of release: Release, for subject: RotationRequest.Subject) async throws {
    guard let milvusTLS = try await release.findMilvusTLS() else { throw try await Self.missing(release) }
    try self.init(milvusTLS, for: subject)
  }

  /// - Throws: `CommandFailure` if the operator does not manage what is to be rotated.
  init(_ milvusTLS: ObservedMilvusTLS, for subject: RotationRequest.Subject) throws {
    let (status, milvus) = (milvusTLS.status, "\(milvusTLS.namespace)/\(milvusTLS.milvusName)")
    guard status.readyReason != .disabled else {
      throw CommandFailure(
        "TLS of Milvus \(milvus) is disabled: annotate it with \(Annotations.external) or \(Annotations.internal), or set "
          + "spec.external.mode or spec.internal.enabled of MilvusTLS \(milvusTLS.name)"
      )
    }
    guard let certificate = status.certificate else { throw CommandFailure(notReady: milvusTLS) }
    switch certificate.source {
    case .operator: break
    case .pods: throw CommandFailure(notReady: milvusTLS)
    case .certManager:
      throw CommandFailure(
        "certificates of Milvus \(milvus) are managed by cert-manager: run cmctl renew \(certificate.secretName) "
          + "--namespace \(milvusTLS.namespace)"
      )
    case .secret:
      throw CommandFailure(
        "Secret \(milvusTLS.namespace)/\(certificate.secretName) of Milvus \(milvus) is not managed by "
          + "milvus-tls-operator and must be renewed by its owner"
      )
    }
    guard subject != .authority || (status.authority.map { $0.source != .secret } ?? false) else {
      let own = milvusTLS.spec[path: "authority", "secretName"]?.string.map { " in Secret \($0)" } ?? ""
      throw CommandFailure(
        "CA of Milvus \(milvus) is not managed by milvus-tls-operator: its owner must replace "
          + "\(SecretEntry.authorityCertificate) and \(SecretEntry.authorityKey)\(own)"
      )
    }
    self.milvusTLS = milvusTLS
  }

  /// Why there is no MilvusTLS, according to the operator's own planner.
  private static func missing(_ release: Release) async throws -> CommandFailure {
    let milvus = try await release.read(.milvuses, release.name)
    let plan = TLSPlanner.plan(Observation(now: Date(), milvus: ObservedMilvus(milvus.json)))
    let name = "Milvus \(release.namespace)/\(release.name)"
    if let warning = plan.warning { return CommandFailure("\(name): \(warning)") }
    guard !plan.actions.isEmpty else {
      return CommandFailure(
        "\(name) does not request TLS: annotate it with \(Annotations.external) or \(Annotations.internal)"
      )
    }
    return CommandFailure(
      "\(name) requests TLS but has no MilvusTLS yet: check that the operator runs and watches namespace "
        + release.namespace
    )
  }
}
