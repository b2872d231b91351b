import Foundation
import JSON
import Kubernetes
import MilvusTLS

/// Files that a client needs to connect, read from Secrets.
struct ClientFiles {
  /// A client's certificate chain and private key, as PEM.
  struct Identity {
    let certificate: Data
    let privateKey: Data
  }

  /// CA certificates, as PEM.
  let authority: Data
  /// Nil if the server does not require a client certificate.
  let identity: Identity?

  /// By file name; the private key comes before its certificate.
  func files(named names: ClientFileNames) -> [(name: String, contents: Data)] {
    let own = identity.map { [(names.privateKey, $0.privateKey), (names.certificate, $0.certificate)] }
    return [(names.authority, authority)] + (own ?? [])
  }

  /// - Parameters:
  ///   - secret: a client's Secret. If no identity is needed, any Secret with the CA certificate.
  ///   - needsIdentity: whether the server requires a client certificate.
  /// - Throws: `CommandFailure` that names the key that is missing or not PEM.
  init(_ secret: KubernetesObject, needsIdentity: Bool) throws {
    // The operator's own keys first, then those of `kubernetes.io/tls` Secrets and of cert-manager.
    authority = try Self.value(
      [SecretEntry.authorityCertificate, SecretEntry.kubernetesAuthority],
      of: "CERTIFICATE",
      in: secret
    )
    guard needsIdentity else {
      identity = nil
      return
    }
    identity = Identity(
      certificate: try Self.value(
        [SecretEntry.clientCertificate, SecretEntry.kubernetesCertificate],
        of: "CERTIFICATE",
        in: secret
      ),
      privateKey: try Self.value([SecretEntry.clientKey, SecretEntry.kubernetesKey], of: "PRIVATE KEY", in: secret)
    )
  }

  private static func value(_ keys: [String], of kind: String, in secret: KubernetesObject) throws -> Data {
    let name = "Secret \(secret.namespace ?? "")/\(secret.name)"
    let data = secret.json["data"]
    guard let key = keys.first(where: { data?[$0] != nil }) else {
      let allowed = keys.joined(separator: " or ")
      throw CommandFailure("\(name) must contain a PEM \(kind) in \(allowed)")
    }
    guard let contents = data?[key]?.string.flatMap({ Data(base64Encoded: $0) }),
      contents.range(of: Data("\(kind)-----".utf8)) != nil
    else { throw CommandFailure("\(name): \(key) must be a PEM \(kind)") }
    return contents
  }
}
