import Foundation
import PKI

/// An authority that its owner keeps in a Secret of their own (`authority.secretName`), as the manual's gen.sh leaves one: `ca.pem`, with
/// intermediates or without, and `ca.key`.
struct ForeignAuthority {
  /// Nil where the Secret cannot be used.
  private(set) var issuer: IssuingAuthority?
  /// What is wrong with the Secret.
  private(set) var faults: [String] = []

  init(_ secret: ObservedSecret, now: Date) {
    guard let chain = certificates(of: secret), let certificate = chain.first else { return }
    checkKey(of: certificate, in: secret)
    if !certificate.isAuthority {
      faults.append("\(Names.authorityCertificate) is not an authority's: it needs CA:TRUE and the usage keyCertSign")
    }
    guard let issuer = IssuingAuthority(chain: chain) else {
      faults.append("\(Names.authorityCertificate) lacks the root that \(certificate.subject) leads to")
      return
    }
    if issuer.notAfter <= now {
      faults.append("\(Names.authorityCertificate) expired at \(issuer.notAfter.kubernetesTime)")
    }
    if let begin = chain.map(\.notBefore).max(), begin > now {
      faults.append("\(Names.authorityCertificate) is not valid before \(begin.kubernetesTime)")
    }
    if faults.isEmpty { self.issuer = issuer }
  }

  private mutating func certificates(of secret: ObservedSecret) -> [Certificate]? {
    switch secret.files[Names.authorityCertificate] {
    case .certificates(let chain, _): return chain
    case .privateKey: faults.append("\(Names.authorityCertificate) holds a private key in place of a certificate")
    case .unreadable(let problem): faults.append("\(Names.authorityCertificate): \(problem)")
    case nil: faults.append("it has no \(Names.authorityCertificate)")
    }
    return nil
  }

  private mutating func checkKey(of certificate: Certificate, in secret: ObservedSecret) {
    switch secret.files[Names.authorityKey] {
    case .privateKey(let fingerprint):
      guard (try? certificate.publicKeyFingerprint()) != fingerprint else { return }
      faults.append(
        "\(Names.authorityKey) is not the private key of the first certificate in \(Names.authorityCertificate)"
      )
    case .certificates: faults.append("\(Names.authorityKey) holds a certificate in place of a private key")
    case .unreadable(let problem): faults.append("\(Names.authorityKey): \(problem)")
    case nil: faults.append("it has no \(Names.authorityKey)")
    }
  }
}
