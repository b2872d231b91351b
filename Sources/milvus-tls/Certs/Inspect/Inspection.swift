import Foundation
import JSON
import MilvusTLS
import PKI

/// Certificates, and what Milvus objects to in them.
struct Inspection {
  struct Finding: Equatable {
    let isFault: Bool
    let text: String
  }

  /// Where the certificates are from.
  let source: String
  let now: Date
  private(set) var certificates: [CertificateDescription] = []
  /// The issuer of each certificate, for people.
  private var issuers: [String] = []
  private(set) var findings: [Finding] = []
  /// The other files that the certificates were compared with.
  private var comparedWith: [String] = []
  /// Nil unless a server presented the certificates.
  private var handshake: TLSHandshake?

  /// - Throws: `CommandFailure` if there is no certificate.
  init(of files: InspectedFiles, source: String, now: Date) throws {
    self.source = source
    self.now = now
    for file in files.inspected { add(file, of: files) }
    guard !certificates.isEmpty else {
      throw CommandFailure(findings.first?.text ?? "\(source) holds no certificate")
    }
    issuers = certificates.map { issuer(of: $0, beside: files) }
  }

  /// The certificates that a server presents.
  init(of handshake: TLSHandshake, now: Date) throws {
    let chain = handshake.server.chain.map(\.pem).joined()
    try self.init(
      of: InspectedFiles(name: handshake.address, contents: Array(chain.utf8)),
      source: handshake.address,
      now: now
    )
    self.handshake = handshake
    if let finding = handshake.nameFinding { findings.append(Finding(isFault: false, text: finding)) }
  }

  private mutating func add(_ file: FileAudit.File, of files: InspectedFiles) {
    let pem = GoPEMFile(file.contents)
    let readable = pem.served.compactMap(\.certificate)
    certificates += readable.map { CertificateDescription(file: file.name, certificate: $0.certificate) }
    guard let first = readable.first else {
      do throws(GoRefusal) {
        _ = try pem.leaf()
      } catch {
        findings.append(Finding(isFault: true, text: "\(file.name) \(error)"))
      }
      return
    }
    let key = files.key(of: file)
    let authority = files.authority(beside: file)
    let audit: FileAudit
    if InspectedFiles.isAuthority(file.name) || first.certificate.isAuthority {
      audit = FileAudit(authority: file, privateKey: key, now: now)
      compare(with: [key])
    } else {
      let purpose = Self.purpose(of: first.certificate, in: file.name)
      audit = FileAudit(certificate: file, privateKey: key, authority: authority, purpose: purpose, now: now)
      compare(with: [key, authority])
    }
    let new =
      audit.faults.map { Finding(isFault: true, text: $0) } + audit.warnings.map { Finding(isFault: false, text: $0) }
    findings += new.filter { !findings.contains($0) }
  }

  private mutating func compare(with files: [FileAudit.File?]) {
    for case let file? in files where !comparedWith.contains(file.name) { comparedWith.append(file.name) }
  }

  /// gen.sh gives its clients a certificate for servers: the name of the file says what it is for.
  private static func purpose(of certificate: Certificate, in name: String) -> Purpose {
    if name == SecretEntry.clientCertificate { return .client }
    let usages = certificate.extendedKeyUsages ?? []
    return usages.contains(.clientAuth) && !usages.contains(.serverAuth) ? .client : .server
  }

  private func issuer(of item: CertificateDescription, beside files: InspectedFiles) -> String {
    let certificate = item.certificate
    if certificate.subject == certificate.issuer, certificate.isIssued(by: certificate) { return "itself" }
    let others = files.others.flatMap { file in
      GoPEMFile(file.contents).trusted.map { CertificateDescription(file: file.name, certificate: $0.certificate) }
    }
    let issuer = (certificates + others).first {
      $0.certificate != certificate && certificate.isIssued(by: $0.certificate)
    }
    return issuer.map { "\($0.certificate.subject) in \($0.file)" } ?? "not found here"
  }

  /// For programs.
  var json: JSONValue {
    var json: JSONValue = [
      "source": .string(source),
      "certificates": .array(
        zip(certificates, issuers).map { item, issuer in
          var json = item.json(at: now)
          json["issuedBy"] = .string(issuer)
          return json
        }
      ),
      "comparedWith": .array(comparedWith.map(JSONValue.string)),
      "findings": .array(
        findings.map { ["severity": $0.isFault ? "error" : "warning", "message": .string($0.text)] }
      ),
    ]
    json["handshake"] = handshake?.json
    return json
  }

  /// For people.
  var text: String {
    let tables = zip(certificates, issuers).map { TextTable(rows: rows(of: $0, issuer: $1)).description }
    let connection = handshake.map { [TextTable(rows: $0.rows).description] } ?? []
    let compared =
      comparedWith.isEmpty
      ? " (no key and no CA to compare with)" : " (compared with \(comparedWith.joined(separator: ", ")))"
    let verdict =
      findings.isEmpty
      ? "Milvus objects to nothing\(compared).\n"
      : TextTable(
        rows: [["SEVERITY", "FINDING\(compared)"]] + findings.map { [$0.isFault ? "Error" : "Warning", $0.text] }
      ).description
    return (tables + connection + [verdict]).joined(separator: "\n")
  }

  private func rows(of item: CertificateDescription, issuer: String) -> [[String]] {
    let certificate = item.certificate
    return [
      ["FILE", item.file],
      ["SUBJECT", certificate.subject.description],
      ["ISSUER", certificate.issuer.description],
      ["ISSUED BY", issuer],
      ["NAMES", item.names.isEmpty ? "none" : item.names],
      ["KEY", item.key],
      ["SIGNATURE", certificate.signatureAlgorithm],
      ["KEY USAGE", certificate.keyUsages == nil ? "any" : item.usages.joined(separator: ", ")],
      ["PURPOSE", item.purposes.isEmpty ? "any" : item.purposes.joined(separator: ", ")],
      ["SERIAL", certificate.serialNumber],
      ["SHA-256", certificate.sha256Fingerprint],
      ["VALID FROM", RelativeTime(date: certificate.notBefore, now: now).description],
      ["EXPIRES", RelativeTime(date: certificate.notAfter, now: now).description],
    ]
  }
}
