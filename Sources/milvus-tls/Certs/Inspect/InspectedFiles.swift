import Foundation
import JSON
import Kubernetes
import MilvusTLS
import PKI

/// Files that are inspected, and those that are beside them, which they are compared with.
struct InspectedFiles {
  /// With certificates; each is shown and judged.
  let inspected: [FileAudit.File]
  /// Other files beside them: keys and CAs. Keys are never shown.
  let others: [FileAudit.File]

  /// A file, with the key and the CA that are in the same folder.
  /// - Throws: `CommandFailure` if it cannot be read.
  init(path: String) throws {
    let url = URL(filePath: path)
    let file = FileAudit.File(name: url.lastPathComponent, contents: try InputFile.contents(of: path))
    let names = [Self.keyName(of: file.name)].compactMap(\.self) + Self.authorityNames
    let folder = CertificateFolder(path: path.contains("/") ? url.deletingLastPathComponent().path : ".")
    inspected = [file]
    others = try names.filter { $0 != file.name && folder.holds($0) }.map { name in
      FileAudit.File(name: name, contents: try InputFile.contents(of: folder.path(of: name)))
    }
  }

  /// Certificates from elsewhere, alone.
  init(name: String, contents: [UInt8]) {
    inspected = [FileAudit.File(name: name, contents: contents)]
    others = []
  }

  /// The entries of a Secret.
  /// - Throws: `CommandFailure` if none has a certificate.
  init(secret: KubernetesObject) throws {
    let files = (secret.json["data"]?.object ?? [:]).sorted { $0.key < $1.key }.map { name, value in
      FileAudit.File(name: name, contents: Array(value.string.flatMap { Data(base64Encoded: $0) } ?? Data()))
    }
    let isShown = { (file: FileAudit.File) in !GoPEMFile(file.contents).served.isEmpty || Self.isCertificate(file.name)
    }
    inspected = files.filter(isShown)
    others = files.filter { !isShown($0) }
    guard !inspected.isEmpty else {
      let names = files.map(\.name).joined(separator: ", ")
      throw CommandFailure(
        "Secret \(secret.namespace ?? "")/\(secret.name) has no certificate; its keys are: \(names.isEmpty ? "none" : names)"
      )
    }
  }

  /// The private key of a file: `server.key` for `server.pem`.
  func key(of file: FileAudit.File) -> FileAudit.File? { Self.keyName(of: file.name).flatMap(find) }

  /// The CAs that the peers of a certificate trust.
  func authority(beside file: FileAudit.File) -> FileAudit.File? {
    Self.authorityNames.lazy.filter { $0 != file.name }.compactMap(find).first
  }

  /// Whether a file is one of CAs, by its name.
  static func isAuthority(_ name: String) -> Bool { authorityNames.contains(name) }

  private static let authorityNames = [SecretEntry.authorityCertificate, SecretEntry.kubernetesAuthority]
  private static let extensions = ["pem", "crt", "cer"]

  private static func isCertificate(_ name: String) -> Bool { keyName(of: name) != nil }

  private static func keyName(of name: String) -> String? {
    guard let dot = name.lastIndex(of: "."), extensions.contains(name[dot...].dropFirst().lowercased()) else {
      return nil
    }
    return name[..<dot] + ".key"
  }

  private func find(_ name: String) -> FileAudit.File? { (inspected + others).first { $0.name == name } }
}
