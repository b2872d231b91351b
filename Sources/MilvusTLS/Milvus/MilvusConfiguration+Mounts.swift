import JSON

extension MilvusConfiguration {
  private static let defaultFolder = "/certs"
  private static let defaultVolume = "certs"

  /// The Secret that the author mounts for the certificates.
  /// - Returns: its name, and the keys of the files whose paths the author wrote; nil where there is no such mount.
  func writtenSecret(_ mount: MilvusTLSSpec.Mount) -> (name: String, layout: SecretLayout)? {
    for pods in servingFirst {
      var found: (name: String, layout: SecretLayout)?
      for file in CertificateFile.allCases {
        let path = writtenPath(file)
        let content = pods.content(at: path ?? (mount.path ?? Self.defaultFolder) + "/" + file.defaultName)
        guard case .entries(let entries) = content, let entry = entries.first(where: { $0.secretName != nil }),
          let name = entry.secretName, found == nil || found?.name == name
        else { continue }
        found = found ?? (name, [:])
        if path != nil { found?.layout[file] = entry.key }
      }
      if let found { return found }
    }
    // A volume of that name that is mounted elsewhere is for something else.
    let name = mount.volumeName ?? Self.defaultVolume
    for pods in servingFirst where !pods.mounts.contains(where: { $0["name"]?.string == name }) {
      if let secret = pods.volume(named: name)?[path: "secret", "secretName"]?.string { return (secret, [:]) }
    }
    return nil
  }

  /// Every file that the specified TLS reads, with its path: the author's, or one beside it, or one where the author
  /// mounts the Secret.
  func fileMounts(for intent: TLSIntent) -> [FileMount] {
    let folder = intent.spec.mount.path ?? writtenFolder ?? mountedFolder(of: intent.secrets.server) ?? freeFolder
    let shown = servingFirst.lazy.compactMap { $0.volume(at: folder) }.first
    return intent.sections.flatMap { section, files in
      files.compactMap { file in
        guard let key = intent.layout[file], !isLeftToItsAuthor(file, in: section, intent) else { return nil }
        let entry = FileEntry.secret(intent.secrets.server, key: key)
        if section == "internaltls", writtenPath(file, in: section) == nil,
          let path = internalPath(file, beside: writtenPath(file) ?? folder + "/" + file.defaultName)
        {
          return FileMount(section: section, file: file, path: path, entry: entry)
        }
        let path = writtenPath(file, in: section) ?? writtenPath(file)
        // A folder that a MilvusTLS names is required, one by default gives way.
        guard let path, intent.spec.mount.path == nil || FilePath(path)?.folder == folder else {
          let name = path.flatMap { FilePath($0)?.name } ?? shown?.fileName(of: key) ?? file.defaultName
          return FileMount(section: section, file: file, path: folder + "/" + name, entry: entry)
        }
        return FileMount(section: section, file: file, path: path, entry: entry)
      }
    }
  }

  /// Whether Milvus does without a file whose path the author wrote, and that the Secret does not show there: somebody
  /// else provides it, if anybody does.
  private func isLeftToItsAuthor(_ file: CertificateFile, in section: String, _ intent: TLSIntent) -> Bool {
    guard section == "tls", intent.external == .oneWay, file == .authority, let path = writtenPath(file, in: section)
    else { return false }
    let pods = ComponentPods(of: serving.rawValue, written[Self.components])
    switch pods.content(at: path) {
    case .entries(let entries): return !entries.contains { $0.secretName == intent.secrets.server }
    case .other: return true
    case .volumeMissing: return false
    case .nothing:
      // Beside a certificate that the author mounts, nothing else is mounted for it.
      guard let certificate = writtenPath(.certificate, in: section) else { return false }
      return pods.content(at: certificate) != .nothing
    }
  }

  /// Adds the volumes and mounts that components lack to find the files at their paths.
  func mount(_ draft: inout Draft, _ requirements: TLSRequirements) {
    let places = requirements.files
    let conflicts = draft.conflicts.count
    guard let secret = requirements.secretName else {
      _ = openFiles(&draft, requirements, isMountable: false)
      return
    }
    completeVolumes(&draft, requirements, secret)
    let open = openFiles(&draft, requirements)
    guard draft.conflicts.count == conflicts, !open.isEmpty else { return }
    let folders = open.compactMap { FilePath($0.path)?.folder }.unique.sorted()
    let shown = places.compactMap { place in FilePath(place.path).map { (place: place, path: $0) } }
      .filter { folders.contains($0.path.folder) }
    let volume = volume(in: draft, requirements, secret, showing: shown.map { ($0.path.name, $0.place.entry) })
    let name = volume["name"]?.string
    let shows = { (other: JSONValue) in
      shown.allSatisfy { other.entries(of: $0.path.name) == [$0.place.entry] }
    }
    for list in volumeLists(in: draft.next) {
      draft.append(volume, to: list, unless: { $0["name"]?.string == name }, fits: shows)
    }
    for folder in folders where !Self.isShared(folder) {
      draft.append(
        ["name": volume["name"] ?? "", "mountPath": .string(folder), "readOnly": true],
        to: Self.mounts,
        unless: { $0.mountPath == folder },
        fits: { $0["name"]?.string == name && $0["subPath"] == nil && $0["subPathExpr"] == nil }
      )
    }
    // A mount hides what the image has in a folder: there, each file gets one of its own.
    for path in open.map(\.path).unique.sorted() {
      guard let file = FilePath(path), Self.isShared(file.folder) else { continue }
      draft.append(
        ["name": volume["name"] ?? "", "mountPath": .string(path), "subPath": .string(file.name), "readOnly": true],
        to: Self.mounts,
        unless: { $0.mountPath == path },
        fits: { _ in false }
      )
    }
    check(&draft, requirements)
  }

  /// Folders of Milvus's image, and of every other, that hold more than certificates.
  private static func isShared(_ folder: String) -> Bool {
    let folders: Set = [
      "/milvus", "/milvus/bin", "/milvus/configs", "/milvus/lib", "/milvus/scripts", "/milvus/tools", "/var",
      "/var/lib",
      "/var/lib/milvus", "/var/log", "/var/run", "/tmp", "/opt", "/home", "/root", "/srv", "/mnt", "/media", "/run",
      "/etc", "/etc/ssl", "/etc/ssl/certs", "/etc/ssl/private", "/etc/pki", "/etc/pki/tls", "/etc/pki/tls/certs",
    ]
    let trees = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/boot", "/proc", "/sys", "/dev"]
    return folders.contains(folder) || trees.contains { folder == $0 || folder.hasPrefix($0 + "/") }
  }

  /// A file that the author's configuration reads and that no Secret or ConfigMap provides: it is in the image, an
  /// injector writes it, or it is in a volume of another kind.
  /// - Returns: its path; nil where there is none.
  func hiddenPath(for intent: TLSIntent) -> String? {
    for (section, files) in intent.sections {
      for file in files where intent.requiredFiles.contains(file) {
        guard let path = writtenPath(file, in: section) else { continue }
        for pod in readers(of: section, in: written) {
          switch pod.content(at: path) {
          case .nothing, .other: return path
          case .entries, .volumeMissing: continue
          }
        }
      }
    }
    return nil
  }

  // MARK: What the author mounts

  /// The components that differ, the one that clients talk to first.
  private var servingFirst: [ComponentPods] {
    let components = written[Self.components]
    return [ComponentPods(of: serving.rawValue, components)] + ComponentPods.all(of: components, isCluster: isCluster)
  }

  /// A file's path in either section.
  private func writtenPath(_ file: CertificateFile) -> String? {
    writtenPath(file, in: "tls") ?? writtenPath(file, in: "internaltls")
  }

  /// The folder of the first certificate path that the author wrote.
  private var writtenFolder: String? {
    CertificateFile.allCases.lazy.compactMap { self.writtenPath($0).flatMap(FilePath.init)?.folder }.first
  }

  /// Where the author mounts a Secret whole.
  private func mountedFolder(of secret: String) -> String? {
    for pods in servingFirst {
      let mount = pods.mounts.first { mount in
        mount["subPath"] == nil && mount["subPathExpr"] == nil
          && pods.volume(named: mount["name"]?.string)?[path: "secret", "secretName"]?.string == secret
      }
      if let folder = mount?.mountPath { return folder }
    }
    return nil
  }

  /// A place of its own for a file that all components read, where some mount something of their own at the usual one
  /// and the mount for all cannot go.
  private func internalPath(_ file: CertificateFile, beside path: String) -> String? {
    let pods = ComponentPods.all(of: written[Self.components], isCluster: isCluster)
    let isFree = { (pods: ComponentPods) in pods.content(at: path) == .nothing }
    guard pods.contains(where: { $0.section == nil && isFree($0) }), !pods.allSatisfy(isFree),
      let folder = FilePath(path)?.folder
    else { return nil }
    return folder + "-internal/" + file.defaultName
  }

  // MARK: Additions

  /// Adds the volumes that the author's mounts for all components lack: altogether, or in sections with volumes of
  /// their own.
  private func completeVolumes(_ draft: inout Draft, _ requirements: TLSRequirements, _ secret: String) {
    let places = requirements.files
    let everyone = ComponentPods(of: nil, written[Self.components])
    for mount in everyone.mounts {
      let shown = places.compactMap { place in FilePath(place.path).map { (place: place, path: $0) } }
        .filter { $0.path.folder == mount.mountPath }.map { (name: $0.path.name, entry: $0.place.entry) }
      let standing = everyone.volume(named: mount["name"]?.string)
      guard standing != nil || !shown.isEmpty else { continue }
      let volume = standing ?? Self.volume(mount["name"]?.string ?? Self.defaultVolume, secret: secret, showing: shown)
      guard volume[path: "secret", "secretName"]?.string == secret else { continue }
      for list in volumeLists(in: draft.next) {
        draft.append(
          volume,
          to: list,
          unless: { $0["name"] == volume["name"] },
          fits: { $0["secret"] == volume["secret"] }
        )
      }
    }
  }

  /// The places where no component mounts anything yet; what is mounted there and is not the file is a conflict.
  /// - Parameter isMountable: whether the operator may mount there.
  private func openFiles(_ draft: inout Draft, _ requirements: TLSRequirements, isMountable: Bool = true) -> [FileMount]
  {
    var open: [FileMount] = []
    for place in requirements.files {
      for pods in readers(of: place.section, in: draft.next) {
        switch pods.content(at: place.path) {
        case .nothing where isMountable: open.append(place)
        case .entries(let entries) where entries.contains(place.entry): break
        case let content: draft.refuse(pods, place, found: content)
        }
      }
    }
    return open.unique
  }

  /// The author's volume that shows these files of the Secret, or a new one.
  private func volume(
    in draft: Draft,
    _ requirements: TLSRequirements,
    _ secret: String,
    showing files: [(name: String, entry: FileEntry)]
  ) -> JSONValue {
    let everyone = ComponentPods(of: nil, draft.next[Self.components])
    let fitting = everyone.volumes.first { volume in files.allSatisfy { volume.entries(of: $0.name) == [$0.entry] } }
    let name = requirements.volumeName
    if let fitting, name == nil || fitting["name"]?.string == name { return fitting }
    return Self.volume(name ?? freeVolumeName(for: secret), secret: secret, showing: files)
  }

  private static func volume(_ name: String, secret: String, showing files: [(name: String, entry: FileEntry)])
    -> JSONValue
  {
    var volume: JSONValue = ["name": .string(name), "secret": ["secretName": .string(secret)]]
    if files.contains(where: { $0.name != $0.entry.key }) {
      let items = files.map { JSONValue.object(["key": .string($0.entry.key), "path": .string($0.name)]) }
      volume[JSONPointer(["secret", "items"])] = .array(items.unique)
    }
    return volume
  }

  // MARK: Defaults that give way

  /// The usual folder, or another one where the author mounts nothing: at it, in it or around it.
  private var freeFolder: String {
    let pods = ComponentPods.all(of: written[Self.components], isCluster: isCluster)
    let folders = [Self.defaultFolder, "/milvus-certs", "/milvus-tls/certs"]
    return folders.first { folder in !pods.contains { $0.overlaps(folder) } } ?? Self.defaultFolder
  }

  /// The usual name of the volume, or another one where the author has one of that name for something else.
  private func freeVolumeName(for secret: String) -> String {
    let volumes = ComponentPods.all(of: written[Self.components], isCluster: isCluster).flatMap(\.volumes)
    let names = [Self.defaultVolume, "milvus-certs", "milvus-tls-certs"]
    return names.first { name in
      volumes.allSatisfy { $0["name"]?.string != name || $0[path: "secret", "secretName"]?.string == secret }
    } ?? Self.defaultVolume
  }

  /// The components that read a section's files: for external TLS the one that clients talk to, for internal TLS all.
  func readers(of section: String, in resource: JSONValue) -> [ComponentPods] {
    let components = resource[Self.components]
    return section == "tls"
      ? [ComponentPods(of: serving.rawValue, components)] : ComponentPods.all(of: components, isCluster: isCluster)
  }

  /// The global list, and that of every component with one of its own: milvus-operator lets it replace the global one,
  /// unless it is empty.
  private func volumeLists(in resource: JSONValue) -> [JSONPointer] {
    let sections = ComponentPods.running(resource[Self.components], isCluster: isCluster)
      .filter { $0.value["volumes"]?.array?.isEmpty == false }.keys.sorted()
    return [Self.components.appending("volumes")]
      + sections.map { Self.components.appending($0).appending("volumes") }
  }

  /// Refuses what the additions would break: Kubernetes takes no path twice, and no two files share a name in one
  /// volume.
  private func check(_ draft: inout Draft, _ requirements: TLSRequirements) {
    for pods in ComponentPods.all(of: draft.next[Self.components], isCluster: isCluster) {
      guard let section = pods.section, let path = pods.doubledMountPath else { continue }
      draft.refuse(
        Self.components.appending(section).appending("volumeMounts"),
        "no mount at \(path), where the mount for all components goes"
      )
    }
    guard draft.conflicts.isEmpty else { return }
    for place in requirements.files {
      for pods in readers(of: place.section, in: draft.next) {
        let content = pods.content(at: place.path)
        if content != .entries([place.entry]) { draft.refuse(pods, place, found: content) }
      }
    }
  }
}

extension MilvusConfiguration.Draft {
  /// Notes that a path shows something else than the file.
  fileprivate mutating func refuse(
    _ pods: ComponentPods,
    _ place: FileMount,
    found content: ComponentPods.Content
  ) {
    let found = content.description
    let section = pods.section.map(MilvusConfiguration.components.appending)
    let own = section?.appending("volumeMounts")
    let isOwn = own.flatMap { next[$0]?.array }?.contains { mount in
      mount.mountPath.map { place.path == $0 || place.path.hasPrefix($0 + "/") } ?? false
    }
    let list = isOwn == true ? own : nil
    let field = (list ?? MilvusConfiguration.mounts).fieldPath
    // One conflict for several files in the same wrong volume is enough.
    guard !conflicts.contains(where: { $0.field == field && $0.found == found }) else { return }
    note(FieldConflict(field: field, path: place.path, found: found, wanted: place.entry.description))
  }
}

extension ComponentPods {
  /// The volume of a name.
  fileprivate func volume(named name: String?) -> JSONValue? {
    volumes.first { $0["name"]?.string == name }
  }

  /// The volume that is mounted whole at a path.
  fileprivate func volume(at path: String) -> JSONValue? {
    mounts.first { $0.mountPath == path && $0["subPath"] == nil }.flatMap { volume(named: $0["name"]?.string) }
  }
}

extension JSONValue {
  /// The name under which a volume shows a key of its Secret.
  fileprivate func fileName(of key: String) -> String? {
    guard let secret = self["secret"] else { return nil }
    guard let items = secret["items"]?.array, !items.isEmpty else { return key }
    return items.first { $0["key"]?.string == key }?["path"]?.string
  }
}
