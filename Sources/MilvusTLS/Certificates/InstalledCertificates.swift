import Foundation
import JSON
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

  /// An authority in a Secret.
  struct Authority {
    let source: Source
    let secretName: String
    let certificate: Certificate
    /// The request for a rotation that it was made for.
    let rotation: String?
    let step: Trust.Step?
  }

  let source: Source
  let secretName: String
  let server: ObservedSecret.CertificateContents
  /// When it is renewed; nil where others see to that.
  var renewalTime: Date?
  /// The request for a rotation that it was issued for.
  var rotation: String?
  /// The authority that issued it.
  var authority: Authority?
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
        rotation: server.secret?.rotation,
        authority: trust.map {
          InstalledCertificates.Authority(
            source: keepsAuthority ? .operator : .secret,
            secretName: authority.request.secretName,
            certificate: $0.issuer.certificate,
            rotation: authority.secret?.rotation,
            step: $0.step
          )
        },
        clients: clients.compactMap { entry in
          entry.contents.map { (entry.request.client ?? "", entry.request.secretName, $0.certificate) }
        }
      )
    }
  }
}

extension InstalledCertificates.Authority {
  /// As the status tells it.
  var status: JSONValue {
    var status: JSONValue = [
      "secretName": .string(secretName), "source": .string(source.rawValue),
      "serialNumber": .string(certificate.serialNumber), "notAfter": .string(certificate.notAfter.kubernetesTime),
    ]
    status["rotation"] = rotation.map(JSONValue.string)
    status["step"] = step.map { .string($0.rawValue) }
    return status
  }
}
