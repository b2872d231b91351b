import Foundation
import PKI

/// A CA that its owner provides in a Secret (`authority.secretName`), in the form of the manual's gen.sh: `ca.pem`,
/// with intermediates or without, and `ca.key`.
struct ProvidedAuthority {
  /// Nil where the Secret cannot be used.
  private(set) var issuer: IssuingAuthority?
  /// What is wrong with the Secret.
  private(set) var faults: [String] = []

  init(_ secret: ObservedSecret, now: Date) {
    guard let chain = certificates(of: secret), let certificate = chain.first else { return }
    checkKey(of: certificate, in: secret)
    if !certificate.isAuthority {
      faults.append(
        "\(SecretEntry.authorityCertificate) is no CA certificate: it needs CA:TRUE and the usage keyCertSign"
      )
    }
    guard let issuer = IssuingAuthority(chain: chain) else {
      faults.append("\(SecretEntry.authorityCertificate) lacks the root CA that issued \(certificate.subject)")
      return
    }
    if issuer.notAfter <= now {
      faults.append("\(SecretEntry.authorityCertificate) expired at \(issuer.notAfter.kubernetesTime)")
    }
    if let begin = chain.map(\.notBefore).max(), begin > now {
      faults.append("\(SecretEntry.authorityCertificate) is not valid before \(begin.kubernetesTime)")
    }
    if faults.isEmpty { self.issuer = issuer }
  }

  private mutating func certificates(of secret: ObservedSecret) -> [Certificate]? {
    switch secret.files[SecretEntry.authorityCertificate] {
    case .certificates(let chain, _): return chain
    case .privateKey: faults.append("\(SecretEntry.authorityCertificate) holds a private key instead of a certificate")
    case .unreadable(let problem): faults.append("\(SecretEntry.authorityCertificate): \(problem)")
    case nil: faults.append("the Secret has no \(SecretEntry.authorityCertificate)")
    }
    return nil
  }

  private mutating func checkKey(of certificate: Certificate, in secret: ObservedSecret) {
    switch secret.files[SecretEntry.authorityKey] {
    case .privateKey(let fingerprint):
      guard (try? certificate.publicKeyFingerprint()) != fingerprint else { return }
      faults.append(
        "\(SecretEntry.authorityKey) is not the private key of the first certificate in \(SecretEntry.authorityCertificate)"
      )
    case .certificates: faults.append("\(SecretEntry.authorityKey) holds a certificate instead of a private key")
    case .unreadable(let problem): faults.append("\(SecretEntry.authorityKey): \(problem)")
    case nil: faults.append("the Secret has no \(SecretEntry.authorityKey)")
    }
  }
}
