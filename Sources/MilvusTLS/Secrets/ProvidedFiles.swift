import Foundation
import PKI

/// The files that somebody provides in several Secrets and ConfigMaps, each found where it is.
struct ProvidedFiles {
  /// Each file of each section, with its entry.
  let mounts: [FileMount]
  /// What the entries hold; nothing for one that the object lacks.
  private let contents: [FileEntry: SecretFile]

  /// Secrets and ConfigMaps that have to be there and are not.
  let missing: [FileEntry.Object]

  /// - Parameter contents: what a Secret or ConfigMap holds, by entry; nil where there is none.
  init(_ files: [MilvusConfiguration.MountedFile], contents: (FileEntry.Object) -> [String: SecretFile]?) {
    var (mounts, missing): ([FileMount], [FileEntry.Object]) = ([], [])
    var found: [FileEntry: SecretFile] = [:]
    for file in files {
      let standing = file.entries.last { contents($0.object)?[$0.key] != nil }
      guard let entry = standing ?? file.entries.last else { continue }
      mounts.append(FileMount(section: file.section, file: file.file, path: file.path, entry: entry))
      if let content = contents(entry.object)?[entry.key] { found[entry] = content }
      if standing == nil { missing += file.entries.map(\.object).filter { contents($0) == nil } }
    }
    (self.mounts, self.missing, self.contents) = (mounts, missing.unique, found)
  }

  /// The files of a section.
  func files(in section: String) -> AuditedFiles {
    AuditedFiles(
      files: Dictionary(
        mounts.filter { $0.section == section }.map { mount in
          (
            mount.file,
            AuditedFiles.File(name: mount.entry.description, entry: mount.entry, content: contents[mount.entry])
          )
        },
        uniquingKeysWith: { first, _ in first }
      )
    )
  }

  /// The entries of a section.
  func entries(in section: String) -> [CertificateFile: FileEntry] { files(in: section).files.mapValues(\.entry) }

  /// The certificates of a section, with the digest of all files; nil where one is missing or cannot be read.
  func contents(in section: String) -> ObservedSecret.CertificateContents? {
    let files = files(in: section).files
    guard let content = files[.certificate]?.content, let leaf = try? content.pem.leaf(), let digest else { return nil }
    return ObservedSecret.CertificateContents(
      certificate: leaf.certificate,
      intermediates: Array(content.certificates.dropFirst()),
      authorities: files[.authority]?.content?.pem.trusted.map(\.certificate) ?? [],
      digest: digest
    )
  }

  /// The Secrets and ConfigMaps that are used.
  var objects: [FileEntry.Object] { mounts.map(\.entry.object).unique }

  /// One digest for all certificates: any of them that changes has to be loaded.
  private var digest: String? {
    let digests = mounts.filter { $0.file != .privateKey }.map(\.entry).unique.compactMap { contents[$0]?.digest }
    return try? SecretFile.digest(ofDigests: digests)
  }
}
