import JSON

extension MilvusConfiguration {
  /// A file that the author names and mounts: where Milvus looks, and the entries that may be there.
  struct MountedFile {
    let section: String
    let file: CertificateFile
    let path: String
    /// Of several the last that exists.
    let entries: [FileEntry]
  }

  /// The files that several Secrets and ConfigMaps provide, all named and mounted by the author: they are used as they
  /// are. One Secret for everything is a case of its own: the operator may issue it, and mounts it where mounts lack.
  /// - Returns: nil where the files are not so.
  func mountedFiles(for intent: TLSIntent) -> [MountedFile]? {
    var files: [MountedFile] = []
    for (section, names) in intent.sections {
      for name in names {
        let isRequired = name != .authority || section == "internaltls" || intent.external == .twoWay
        let other = section == "tls" ? "internaltls" : "tls"
        let path = writtenPath(name, in: section) ?? (isRequired ? writtenPath(name, in: other) : nil)
        let entries = path.flatMap { self.entries(at: $0, in: section) }
        if let path, let entries {
          files.append(MountedFile(section: section, file: name, path: path, entries: entries))
        } else if isRequired {
          return nil
        }
      }
    }
    let objects = files.flatMap(\.entries).map(\.object).unique
    let isOneSecret = objects.count == 1 && objects.allSatisfy { $0.kind == .secret }
    return objects.isEmpty || isOneSecret ? nil : files
  }

  /// The entries that all components which read a section may find at a path; nil where some find something else.
  private func entries(at path: String, in section: String) -> [FileEntry]? {
    var found: [FileEntry]?
    for pods in readers(of: section, in: written) {
      guard case .entries(let entries) = pods.content(at: path), found == nil || found == entries else { return nil }
      found = entries
    }
    return found
  }
}
