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
    let name = SecretEntry.authorityCertificate
    guard let file = secret.files[name] else {
      faults.append("the Secret has no \(name)")
      return nil
    }
    do {
      _ = try file.pem.leaf()
      if let refusal = file.pem.served.lazy.compactMap(\.refusal).first { throw refusal }
    } catch {
      faults.append("\(name) \(error)")
      return nil
    }
    if let problem = file.issuingProblem { faults.append("\(name): \(problem)") }
    return file.certificates
  }

  private mutating func checkKey(of certificate: Certificate, in secret: ObservedSecret) {
    let name = SecretEntry.authorityKey
    guard let file = secret.files[name] else {
      faults.append("the Secret has no \(name)")
      return
    }
    do {
      guard try file.pem.holdsKey(of: try GoCertificate(der: certificate.der)) else {
        throw GoRefusal("is not the private key of the first certificate in \(SecretEntry.authorityCertificate)")
      }
      if let problem = file.issuingProblem { faults.append("\(name): \(problem)") }
    } catch {
      faults.append("\(name) \(error)")
    }
  }
}
