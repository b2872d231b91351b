import JSON

/// The files of a volume (https://kubernetes.io/docs/concepts/storage/projected-volumes/).
extension JSONValue {
  /// The entries that a volume may show as a file: more than one where sources of a projected volume show every key
  /// that they have; the last that has it counts. Empty where no Secret or ConfigMap can show such a file.
  /// - Parameter file: the path below the volume's root.
  func entries(of file: String) -> [FileEntry] {
    if let secret = self["secret"] {
      return Self.entry(.secret, secret, name: "secretName", file).map { [$0.entry] } ?? []
    }
    if let map = self["configMap"] { return Self.entry(.configMap, map, name: "name", file).map { [$0.entry] } ?? [] }
    let entries = (self[path: "projected", "sources"]?.array ?? []).compactMap { source in
      source["secret"].flatMap { Self.entry(.secret, $0, name: "name", file) }
        ?? source["configMap"].flatMap { Self.entry(.configMap, $0, name: "name", file) }
    }
    // A source that names the file has it, or the pod does not start.
    return entries.last { $0.isNamed }.map { [$0.entry] } ?? entries.map(\.entry)
  }

  private static func entry(
    _ kind: FileEntry.Kind,
    _ source: JSONValue,
    name: String,
    _ file: String
  ) -> (entry: FileEntry, isNamed: Bool)? {
    guard let name = source[name]?.string else { return nil }
    let object = FileEntry.Object(kind: kind, name: name)
    guard let items = source["items"]?.array, !items.isEmpty else {
      return file.contains("/") ? nil : (FileEntry(object, key: file), false)
    }
    guard let key = items.first(where: { $0["path"]?.string == file })?["key"]?.string else { return nil }
    return (FileEntry(object, key: key), true)
  }
}
