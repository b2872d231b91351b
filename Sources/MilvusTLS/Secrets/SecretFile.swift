import Foundation
import JSON
import PKI

/// What one entry of an unmanaged Secret holds, as Go and so Milvus reads it; never a private key.
struct SecretFile: Sendable, Equatable {
  /// The certificates and the private key that Go finds.
  let pem: GoPEMFile
  /// SHA-256 of the text; nil if OpenSSL cannot compute it.
  let digest: String?
  /// Why the operator cannot issue certificates with the contents; nil where it can.
  let issuingProblem: String?

  /// Reads a value under `data`.
  init(base64 value: JSONValue) {
    self.init(bytes: Array(value.string.flatMap { Data(base64Encoded: $0) } ?? Data()))
  }

  /// Reads the contents.
  init(bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    pem = GoPEMFile(bytes)
    digest = try? SHA256Digest.hexadecimal(of: bytes)
    do {
      if text.contains("PRIVATE KEY-----") {
        _ = try PrivateKey(pem: text)
      } else {
        _ = try Certificate.chain(pem: text)
      }
      issuingProblem = nil
    } catch {
      issuingProblem = "\(error)"
    }
  }

  /// The certificates that Go reads, in their order.
  var certificates: [Certificate] { pem.served.compactMap(\.certificate?.certificate) }
}

extension SecretFile {
  /// Reads the text of a ConfigMap's entry.
  init(text: String) { self.init(bytes: Array(text.utf8)) }

  /// One digest for several files, the same for a Secret whoever keeps it.
  static func digest(of files: [[UInt8]]) throws -> String {
    try digest(ofDigests: try files.map { try SHA256Digest.hexadecimal(of: $0) })
  }

  static func digest(ofDigests digests: [String]) throws -> String {
    try SHA256Digest.hexadecimal(of: Array(digests.joined(separator: "\n").utf8))
  }
}

extension ObservedSecret {
  /// The names under which others keep each file, the operator's own first: `kubernetes.io/tls` and cert-manager have
  /// the second.
  private static let customaryEntries: [CertificateFile: [String]] = [
    .certificate: [SecretEntry.serverCertificate, SecretEntry.kubernetesCertificate],
    .privateKey: [SecretEntry.serverKey, SecretEntry.kubernetesKey],
    .authority: [SecretEntry.authorityCertificate, SecretEntry.kubernetesAuthority],
  ]

  /// The keys of a `kubernetes.io/tls` Secret and of cert-manager's.
  static let kubernetesTLSLayout: SecretLayout = [
    .certificate: SecretEntry.kubernetesCertificate, .privateKey: SecretEntry.kubernetesKey,
    .authority: SecretEntry.kubernetesAuthority,
  ]

  /// The customary keys that are there.
  var detectedLayout: SecretLayout {
    Self.customaryEntries.compactMapValues { names in names.first { files[$0] != nil } }
  }

  /// The certificates of a Secret that others wrote; nil where one is missing or cannot be read.
  func providedContents(_ keys: SecretLayout) -> CertificateContents? {
    guard let server = keys[.certificate].flatMap({ files[$0] }), let leaf = try? server.pem.leaf(),
      let digest = server.digest
    else { return nil }
    let certificate = leaf.certificate
    let other = keys[.authority].flatMap { files[$0] }
    guard let other, !other.pem.trusted.isEmpty, let otherDigest = other.digest else {
      let alone = try? SecretFile.digest(ofDigests: [digest])
      return alone.map { CertificateContents(certificate: certificate, authorities: [], digest: $0) }
    }
    guard let both = try? SecretFile.digest(ofDigests: [digest, otherDigest]) else { return nil }
    let authorities = other.pem.trusted.map(\.certificate)
    return CertificateContents(certificate: certificate, authorities: authorities, digest: both)
  }
}
