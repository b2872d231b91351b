import JSON

/// The volumes and mounts that milvus-operator gives the pods of a component, by its merge rules: `volumes` of a
/// component replace the global ones unless they are empty, `volumeMounts` are appended to the global ones.
struct ComponentPods {
  /// What a path in a container shows.
  enum Content: Equatable, CustomStringConvertible {
    /// Nothing is mounted there.
    case nothing
    /// An entry of a Secret or ConfigMap: of several the last that exists.
    case entries([FileEntry])
    /// Something that cannot be the file: a volume of another kind, or one without that file.
    case other(String)
    /// A mount whose volume the component lacks.
    case volumeMissing(String)

    var description: String {
      switch self {
      case .nothing: "missing"
      case .entries(let entries): entries.map(\.description).joined(separator: " or ")
      case .other(let text): text
      case .volumeMissing(let mount): "mount \(mount) without its volume"
      }
    }
  }

  /// The section under `spec.components`; nil for every component without volumes and mounts of its own.
  let section: String?
  let volumes: [JSONValue]
  let mounts: [JSONValue]

  /// Objects under `spec.components` that are settings for all components, not sections of components.
  private static let settings: Set = [
    "affinity", "metricLabels", "nodeSelector", "podAnnotations", "podLabels", "probes", "resources", "securityContext",
  ]

  /// The sections of the components that run, by name.
  static func running(_ components: JSONValue?, isCluster: Bool) -> [String: JSONValue] {
    (components?.object ?? [:]).filter {
      $0.value.object != nil && Component.runs($0.key, isCluster: isCluster) && !settings.contains($0.key)
    }
  }

  /// The components of a resource that differ in their mounts: first those without anything of their own, if there are
  /// any, then each section that runs and has volumes or mounts, known to this operator or not.
  static func all(of components: JSONValue?, isCluster: Bool) -> [ComponentPods] {
    let running = running(components, isCluster: isCluster)
    let own = running.filter {
      $0.value["volumes"]?.array?.isEmpty == false || $0.value["volumeMounts"]?.array?.isEmpty == false
    }
    let names = Set(running.keys).union(Component.deployed(components, isCluster: isCluster).map(\.rawValue))
    let others = names.isSubset(of: own.keys) ? [] : [ComponentPods(of: nil, components)]
    return others + own.keys.sorted().map { ComponentPods(of: $0, components) }
  }

  init(of section: String?, _ components: JSONValue?) {
    let own = section.flatMap { components?[$0] }
    let ownVolumes = own?["volumes"]?.array ?? []
    self.section = section
    volumes = ownVolumes.isEmpty ? components?["volumes"]?.array ?? [] : ownVolumes
    mounts = ((components?["volumeMounts"]?.array ?? []) + (own?["volumeMounts"]?.array ?? []))
      .filter { $0["name"]?.string != MilvusConfiguration.removal }
  }

  /// What a path shows: of the mounts around it the innermost counts.
  func content(at path: String) -> Content {
    let around = mounts.filter { mount in
      guard let folder = mount.mountPath else { return false }
      return path == folder || path.hasPrefix(folder + "/")
    }
    guard let mount = around.max(by: { ($0.mountPath ?? "").count < ($1.mountPath ?? "").count }) else {
      return .nothing
    }
    guard let volume = volumes.first(where: { $0["name"] == mount["name"] }) else {
      return .volumeMissing(mount.description)
    }
    let below = path.dropFirst((mount.mountPath ?? "").count + 1)
    let file = [mount["subPath"]?.string ?? "", String(below)].filter { !$0.isEmpty }.joined(separator: "/")
    let entries = mount["subPathExpr"] == nil && !file.isEmpty ? volume.entries(of: file) : []
    return entries.isEmpty ? .other(volume.description) : .entries(entries)
  }

  /// Whether a volume is mounted at a folder, in it or around it, so that a mount there would hide files.
  func overlaps(_ folder: String) -> Bool {
    mounts.contains { mount in
      guard let path = mount.mountPath, volumes.contains(where: { $0["name"] == mount["name"] }) else { return false }
      return path == folder || path.hasPrefix(folder + "/") || folder.hasPrefix(path + "/")
    }
  }

  /// A path that is mounted more than once, which Kubernetes refuses.
  var doubledMountPath: String? {
    Dictionary(grouping: mounts.compactMap(\.mountPath), by: { $0 }).filter { $0.value.count > 1 }.keys.min()
  }
}

extension JSONValue {
  /// `mountPath` without a slash at its end.
  var mountPath: String? {
    guard let path = self["mountPath"]?.string else { return nil }
    return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }
}
