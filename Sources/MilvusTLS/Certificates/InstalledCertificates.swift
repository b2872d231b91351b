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
