import Foundation
import JSON
import Kubernetes
import MilvusTLS

/// What a client needs to connect, read from Secrets.
struct ClientFiles {
  /// A client's certificate chain and private key, as PEM.
  struct Identity {
    let certificate: Data
    let privateKey: Data
  }

  /// The authorities' certificates, as PEM.
  let authority: Data
  /// Nil where the server asks clients for no certificate.
  let identity: Identity?

  /// By file name, the private key before the certificate that needs it.
  var files: [(name: String, contents: Data)] {
    let own = identity.map {
      [(SecretEntry.clientKey, $0.privateKey), (SecretEntry.clientCertificate, $0.certificate)]
    }
    return [(SecretEntry.authorityCertificate, authority)] + (own ?? [])
  }

  /// - Parameters:
  ///   - secret: a client's Secret, or, where no identity is needed, any with the authority's certificate.
  ///   - needsIdentity: whether the server asks clients for a certificate.
  /// - Throws: `CommandFailure` that names the key that is missing or holds no PEM.
  init(_ secret: KubernetesObject, needsIdentity: Bool) throws {
    // The operator's own keys first, then those of `kubernetes.io/tls` and cert-manager.
    authority = try Self.value([SecretEntry.authorityCertificate, "ca.crt"], of: "CERTIFICATE", in: secret)
    guard needsIdentity else {
      identity = nil
      return
    }
    identity = Identity(
      certificate: try Self.value([SecretEntry.clientCertificate, "tls.crt"], of: "CERTIFICATE", in: secret),
      privateKey: try Self.value([SecretEntry.clientKey, "tls.key"], of: "PRIVATE KEY", in: secret)
    )
  }

  private static func value(_ keys: [String], of kind: String, in secret: KubernetesObject) throws -> Data {
    let name = "Secret \(secret.namespace ?? "")/\(secret.name)"
    let data = secret.json["data"]
    guard let key = keys.first(where: { data?[$0] != nil }) else {
      let missing = keys.joined(separator: " nor ")
      throw CommandFailure("\(name) has neither \(missing): ask whoever issued it for a PEM \(kind)")
    }
    guard let contents = data?[key]?.string.flatMap({ Data(base64Encoded: $0) }),
      contents.range(of: Data("\(kind)-----".utf8)) != nil
    else { throw CommandFailure("\(name): \(key) holds no PEM \(kind)") }
    return contents
  }
}
