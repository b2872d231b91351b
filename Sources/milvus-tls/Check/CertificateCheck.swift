import Foundation
import MilvusTLS
import PKI

/// Judges a file with certificates, and the key and CA beside it.
struct CertificateCheck {
  private let file: CheckedFile

  init(_ file: CheckedFile) { self.file = file }

  /// - Throws: `CommandFailure` if a file beside it cannot be read.
  func findings(at now: Date) throws -> [Finding] {
    let files =
      try file.path == "-"
      ? InspectedFiles(name: file.name, contents: file.contents) : InspectedFiles(path: file.path)
    do {
      let findings = try Inspection(of: files, source: file.path, now: now).findings
      return findings.map { finding($0.isFault ? .error : .warning, $0.text) }
    } catch let failure as CommandFailure {
      return try keyFindings() ?? [finding(.error, failure.description)]
    }
  }

  /// A file with a private key alone is judged as one; nil for any other.
  private func keyFindings() throws -> [Finding]? {
    guard String(decoding: file.contents, as: UTF8.self).contains("PRIVATE KEY-----") else { return nil }
    do throws(GoRefusal) {
      try GoPEMFile(file.contents).checkKey()
      return []
    } catch {
      return [finding(.error, "\(URL(filePath: file.path).lastPathComponent) \(error)")]
    }
  }

  private func finding(_ severity: Finding.Severity, _ message: String) -> Finding {
    Finding(
      severity,
      severity == .error ? Finding.certificateInvalid : Finding.certificateFindings,
      message,
      in: file.name
    )
  }
}
