import Foundation
import JSON
import MilvusTLS
import PKI

/// A certificate in a file, for people and programs.
struct CertificateDescription {
  /// Name of the file, or address of the port.
  let file: String
  let certificate: Certificate

  var names: String { (certificate.dnsNames + certificate.ipAddresses).joined(separator: ", ") }

  /// `ECDSA P-256`; for a type that the program does not generate, only that.
  var key: String { certificate.publicKeyAlgorithm?.description ?? "other" }

  var purposes: [String] {
    let usages = ExtendedKeyUsage.allCases.filter { certificate.extendedKeyUsages?.contains($0) ?? false }
    return (certificate.isAuthority ? ["CA"] : []) + usages.map(\.rawValue)
  }

  /// What the key may be used for; empty for anything.
  var usages: [String] {
    KeyUsage.allCases.filter { certificate.keyUsages?.contains($0) ?? false }.map(\.rawValue)
  }

  /// For programs.
  func json(at now: Date) -> JSONValue {
    [
      "file": .string(file), "subject": .string(certificate.subject.description),
      "issuer": .string(certificate.issuer.description), "serialNumber": .string(certificate.serialNumber),
      "dnsNames": .array(certificate.dnsNames.map(JSONValue.string)),
      "ipAddresses": .array(certificate.ipAddresses.map(JSONValue.string)),
      "publicKeyAlgorithm": certificate.publicKeyAlgorithm.map { .string($0.description) } ?? .null,
      "signatureAlgorithm": .string(certificate.signatureAlgorithm), "isCA": .bool(certificate.isAuthority),
      "keyUsages": certificate.keyUsages == nil ? .null : .array(usages.map(JSONValue.string)),
      "extendedKeyUsages": certificate.extendedKeyUsages.map { set in
        .array(ExtendedKeyUsage.allCases.filter(set.contains).map { .string($0.rawValue) })
      } ?? .null,
      "notBefore": .string(certificate.notBefore.kubernetesTime),
      "notAfter": .string(certificate.notAfter.kubernetesTime),
      "secondsLeft": .integer(Int(certificate.notAfter.timeIntervalSince(now).rounded(.down))),
      "sha256Fingerprint": .string(certificate.sha256Fingerprint),
    ]
  }
}
