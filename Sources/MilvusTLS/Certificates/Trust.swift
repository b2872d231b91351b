import Foundation
import PKI

/// Who signs, and whom every Secret's `ca.pem` names, read from the Secrets alone: any crash in the replacement of an authority goes on
/// from there.
///
/// An authority is replaced in three steps, each of which restarts the pods: all trust the old one and the new one; the new one issues
/// everything anew; all trust the new one alone.
public struct Trust: Sendable, Equatable {
  /// A step of a replacement, as the status tells it.
  enum Step: String {
    case trustingBoth = "TrustingBoth"
    case replacing = "Replacing"
  }

  /// Who signs.
  public let issuer: IssuingAuthority
  /// What every `ca.pem` shall hold.
  public let trusted: [Certificate]
  /// The step under way; nil while there is one authority alone.
  let step: Step?
  /// Whether certificates of the former authority stay for now: not every pod may trust the present one yet.
  let keepsFormer: Bool

  /// - Parameters:
  ///   - issuer: the authority of the authority's Secret.
  ///   - next: the one that is about to take over.
  ///   - server: what the server's Secret holds; its `ca.pem` and the issuer of its certificate tell the step.
  ///   - isStepDone: whether every pod is known to have taken up the present step.
  init(
    issuer: IssuingAuthority,
    next: Certificate?,
    server: ObservedSecret.CertificateContents?,
    isStepDone: Bool,
    now: Date
  ) {
    self.issuer = issuer
    let coming = [next].compactMap(\.self)
    let present = server?.authorities ?? []
    // An old certificate of the same name and key is no other authority: what either has signed is good with both.
    let former = present.filter { old in
      old.notAfter > now && !(issuer.roots + coming).contains { $0 == old || old.isIssued(by: $0) }
    }
    guard let server, !server.certificate.isIssued(by: issuer.certificate), server.certificate.notAfter > now,
      (server.authorities + server.intermediates).contains(where: server.certificate.isIssued)
    else {
      let isLast = isStepDone && next == nil
      trusted = issuer.roots + coming + (isLast ? [] : former)
      step = next != nil ? .trustingBoth : isLast || former.isEmpty ? nil : .replacing
      keepsFormer = false
      return
    }
    // The authority's Secret holds another one than the certificate's: it comes into use by the same steps.
    let isTrusted = issuer.roots.allSatisfy(present.contains)
    keepsFormer = !(isStepDone && isTrusted)
    trusted = keepsFormer ? former + issuer.roots + coming : issuer.roots + coming + former
    step = keepsFormer ? .trustingBoth : .replacing
  }

  /// Whether a certificate of the former authority stays: it is good, and not about to end.
  func keeps(_ contents: ObservedSecret.CertificateContents, now: Date) -> Bool {
    let certificate = contents.certificate
    return keepsFormer && !certificate.isIssued(by: issuer.certificate) && !certificate.isCritical(at: now)
      && (trusted + contents.intermediates).contains(where: certificate.isIssued)
  }
}

extension Certificate {
  /// From its first second to its last.
  var lifetime: TimeInterval { notAfter.timeIntervalSince(notBefore) }

  /// Whether its last tenth has begun: it is replaced whatever else is to be waited for.
  func isCritical(at now: Date) -> Bool { now >= criticalTime }

  var criticalTime: Date { notAfter - (lifetime / 10).rounded() }
}
