import Foundation
import JSON
import MilvusTLS
import PKI

/// The certificates of a Secret. Its private keys are not read.
struct ReportSecret: Sendable {
  struct Entry: Sendable {
    let name: String
    let certificates: [Certificate]
    /// Why the certificates cannot be read; nil where they can.
    let problem: String?
  }

  let namespace: String
  let name: String
  /// The Milvus that the operator made it for; nil for a Secret that the operator does not manage.
  let milvus: String?
  let role: SecretRole?
  let entries: [Entry]

  /// - Returns: nil for an object without a name.
  init?(_ object: JSONValue) {
    var object = object.storedSecret
    let entries = (object["data"]?.object ?? [:]).sorted { $0.key < $1.key }.compactMap(Self.entry)
    object["data"] = [:]
    guard let observed = ObservedSecret(unwritten: object) else { return nil }
    (namespace, name) = (observed.namespace, observed.name)
    (milvus, role) = (observed.milvus, observed.role)
    self.entries = entries
  }

  /// The certificate of a server or client with its chain.
  var leaf: Entry? {
    entry([SecretEntry.serverCertificate, SecretEntry.clientCertificate, SecretEntry.kubernetesCertificate]) { !$0 }
  }

  /// The CAs that its users trust.
  var bundle: Entry? { entry([SecretEntry.authorityCertificate, SecretEntry.kubernetesAuthority]) { $0 } }

  /// The CA that is about to take over.
  var next: Entry? { entries.first { $0.name == SecretEntry.nextAuthorityCertificate } }

  /// The entry of a usual name, else the first of its kind.
  private func entry(_ names: [String], isWanted: (_ isAuthority: Bool) -> Bool) -> Entry? {
    let usual = names.lazy.compactMap { name in entries.first { $0.name == name } }.first
    return usual
      ?? entries.first { entry in
        entry.name != SecretEntry.nextAuthorityCertificate
          && entry.certificates.first.map { isWanted($0.isAuthority) } ?? false
      }
  }

  /// - Returns: nil for an entry that is no certificate.
  private static func entry(name: String, value: JSONValue) -> Entry? {
    let text = value.string.flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) }
    let isCertificate = [".pem", ".crt", ".cer"].contains { name.hasSuffix($0) }
    guard isCertificate || text?.contains("-----BEGIN CERTIFICATE-----") ?? false else { return nil }
    guard let text else { return Entry(name: name, certificates: [], problem: "not base64") }
    do {
      return Entry(name: name, certificates: try Certificate.chain(pem: text), problem: nil)
    } catch {
      return Entry(name: name, certificates: [], problem: "\(error)")
    }
  }
}
