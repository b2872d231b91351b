/// An entry of a Secret or a ConfigMap, which a volume shows as a file.
struct FileEntry: Hashable, Sendable {
  enum Kind: String, Sendable { case secret = "Secret", configMap = "ConfigMap" }

  /// What holds it.
  struct Object: Hashable, Sendable, CustomStringConvertible {
    let kind: Kind
    let name: String

    var description: String { "\(kind.rawValue) \(name)" }
  }

  let object: Object
  let key: String

  init(_ object: Object, key: String) {
    (self.object, self.key) = (object, key)
  }

  /// An entry of a Secret.
  static func secret(_ name: String, key: String) -> FileEntry {
    FileEntry(Object(kind: .secret, name: name), key: key)
  }

  /// The name of its Secret; nil for a ConfigMap's.
  var secretName: String? { object.kind == .secret ? object.name : nil }
}

extension FileEntry: CustomStringConvertible {
  var description: String { "\(key) of \(object)" }
}
