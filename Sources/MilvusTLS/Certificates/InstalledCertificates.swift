import Foundation
import PKI

/// The certificates that a Milvus has been configured with.
struct InstalledCertificates {
  /// Who keeps them.
  enum Source: String {
    case `operator` = "Operator"
    /// A Secret that somebody else wrote.
    case secret = "Secret"
    case certManager = "CertManager"
  }

  let source: Source
  let secretName: String
  let server: ObservedSecret.CertificateContents
  /// When it is renewed; nil where others see to that.
  var renewalTime: Date?
  /// The authority that the operator keeps.
  var authority: (secretName: String, certificate: Certificate)?
  var clients: [(name: String, secretName: String, certificate: Certificate)] = []
}

extension InstalledCertificates {
  /// The handshakes that prove these certificates at work.
  func handshakes(with endpoints: [Endpoint]) -> TLSPlan.Handshakes {
    let keys = source == .operator ? (Names.clientCertificate, Names.clientKey) : ("tls.crt", "tls.key")
    return TLSPlan.Handshakes(
      endpoints: endpoints,
      // That others' certificates lead to their authority is checked in their Secret, and not always so.
      authorities: source == .operator ? server.authorities : server.authorities + [server.certificate],
      client: clients.first.map {
        TLSPlan.Handshakes.ClientSecret(name: $0.secretName, certificateKey: keys.0, privateKeyKey: keys.1)
      }
    )
  }
}

extension Issuance {
  /// What is in place once nothing is to be issued any more; nil where the server's certificate is not.
  var installed: InstalledCertificates? {
    server.contents.map { contents in
      InstalledCertificates(
        source: .operator,
        secretName: server.request.secretName,
        server: contents,
        renewalTime: CertificatePolicy.renewalTime(
          of: contents.certificate,
          renewBefore: server.request.renewBefore
        ),
        authority: authority.contents.map { (authority.request.secretName, $0.certificate) },
        clients: clients.compactMap { entry in
          entry.contents.map { (entry.request.client ?? "", entry.request.secretName, $0.certificate) }
        }
      )
    }
  }
}
