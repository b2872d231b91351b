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
  ///   - present: what is trusted already; the first of them tells the step, for it is the one that everything was to be issued by.
  ///   - isStepDone: whether every pod is known to have taken up the present step.
  init(issuer: IssuingAuthority, next: Certificate?, present: [Certificate], isStepDone: Bool, now: Date) {
    self.issuer = issuer
    let wanted = issuer.roots + [next].compactMap(\.self)
    // An old certificate of the same name and key is no other authority: what either has signed is good with both.
    let former = present.filter { old in old.notAfter > now && !wanted.contains { $0 == old || old.isIssued(by: $0) } }
    let isFirst = present.first.map { first in issuer.roots.contains { $0 == first || first.isIssued(by: $0) } } ?? true
    guard former.isEmpty || isFirst else {
      // The authority's Secret holds another one than before: it comes into use by the same steps.
      keepsFormer = !(isStepDone && issuer.roots.allSatisfy(present.contains))
      trusted = keepsFormer ? former + wanted : wanted + former
      step = keepsFormer ? .trustingBoth : .replacing
      return
    }
    let isLast = isStepDone && next == nil
    trusted = wanted + (isLast ? [] : former)
    step = next != nil ? .trustingBoth : isLast || former.isEmpty ? nil : .replacing
    keepsFormer = false
  }

  /// Whether a certificate of the former authority stays: it is good, and not about to end.
  func keeps(_ contents: ObservedSecret.CertificateContents, now: Date) -> Bool {
    let certificate = contents.certificate
    return keepsFormer && !isFromIssuer(contents) && !certificate.isCritical(at: now)
      && (trusted + contents.intermediates).contains(where: certificate.isIssued)
  }

  /// Whether a leaf leads to the present authority.
  func isFromIssuer(_ contents: ObservedSecret.CertificateContents) -> Bool {
    contents.certificate.isIssued(by: issuer.certificate) && contents.intermediates == issuer.intermediates
  }
}

extension Certificate {
  /// From its first second to its last.
  var lifetime: TimeInterval { notAfter.timeIntervalSince(notBefore) }

  /// Whether its last tenth has begun: it is replaced whatever else is to be waited for.
  func isCritical(at now: Date) -> Bool { now >= criticalTime }

  var criticalTime: Date { notAfter - (lifetime / 10).rounded() }
}
