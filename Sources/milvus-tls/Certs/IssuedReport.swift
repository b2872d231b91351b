import Foundation
import JSON
import MilvusTLS
import PKI

/// What `certs create` and `certs renew` have written.
struct IssuedReport {
  let folder: CertificateFolder
  let files: [NewFile]
  /// What to do with the files, for people.
  let advice: String
  let now: Date

  func text(_ output: OutputFormat) throws -> String {
    let certificates = try certificates()
    let document: JSONValue = [
      "directory": .string(folder.path), "files": .array(files.map { .string($0.name) }),
      "certificates": .array(certificates.map { $0.json(at: now) }),
    ]
    return try output.text(document, table: table(certificates))
  }

  private func certificates() throws -> [CertificateDescription] {
    try files.filter { $0.name.hasSuffix(".pem") }.flatMap { file in
      try Certificate.chain(pem: file.contents).map { CertificateDescription(file: file.name, certificate: $0) }
    }
  }

  private func table(_ certificates: [CertificateDescription]) -> String {
    let rows = certificates.map { item in
      [
        item.file, item.certificate.subject.description, item.names, item.key,
        RelativeTime(date: item.certificate.notAfter, now: now).description,
      ]
    }
    let table = TextTable(rows: [["FILE", "SUBJECT", "NAMES", "KEY", "EXPIRES"]] + rows)
    return "\(table)\nWrote \(files.map(\.name).joined(separator: ", ")) in \(folder.path).\n\(advice)\n"
  }
}
