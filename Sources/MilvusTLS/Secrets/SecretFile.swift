import Foundation
import JSON
import PKI

/// What one entry of an unmanaged Secret holds; never a private key.
enum SecretFile: Sendable, Equatable {
  /// Certificates in their order, and the SHA-256 of the text.
  case certificates([Certificate], digest: String)
  /// A private key, by its public half.
  case privateKey(fingerprint: String)
  /// No PEM text, or one that does not parse, with the reason.
  case unreadable(String)

  /// Reads a value under `data`.
  init(base64 value: JSONValue) {
    let data = value.string.flatMap { Data(base64Encoded: $0) } ?? Data()
    let text = String(decoding: data, as: UTF8.self)
    guard text.contains("-----BEGIN ") else {
      self = .unreadable("no PEM text")
      return
    }
    do {
      if text.contains("PRIVATE KEY-----") {
        self = .privateKey(fingerprint: try PrivateKey(pem: text).publicKeyFingerprint())
      } else {
        self = .certificates(try Certificate.chain(pem: text), digest: try SHA256Digest.hexadecimal(of: Array(data)))
      }
    } catch {
      self = .unreadable("\(error)")
    }
  }
}

extension SecretFile {
  /// The certificates in their order.
  var certificates: [Certificate] {
    if case .certificates(let chain, _) = self { chain } else { [] }
  }

  /// SHA-256 of certificates' text; nil for anything else.
  var digest: String? {
    if case .certificates(_, let digest) = self { digest } else { nil }
  }

  /// Reads the text of a ConfigMap's entry.
  init(text: String) { self.init(base64: .string(Data(text.utf8).base64EncodedString())) }

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
    guard case .certificates(let chain, let digest) = keys[.certificate].flatMap({ files[$0] }),
      let certificate = chain.first
    else { return nil }
    guard case .certificates(let authorities, let other) = keys[.authority].flatMap({ files[$0] }) else {
      let alone = try? SecretFile.digest(ofDigests: [digest])
      return alone.map { CertificateContents(certificate: certificate, authorities: [], digest: $0) }
    }
    guard let both = try? SecretFile.digest(ofDigests: [digest, other]) else { return nil }
    return CertificateContents(certificate: certificate, authorities: authorities, digest: both)
  }
}
