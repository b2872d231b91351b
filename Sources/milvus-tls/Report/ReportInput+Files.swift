import JSON
import MilvusTLS

extension ReportInput {
  /// Reads files with Milvus, MilvusTLS and Secrets; others are ignored.
  /// - Parameters:
  ///   - files: as YAML or JSON; objects or lists of them.
  ///   - namespace: the only one that counts; nil for all.
  /// - Throws: `CommandFailure` for a file that cannot be read, or that has none of these.
  init(files: [String], namespace: String?) throws {
    let place = namespace.map { "Namespace \($0)" } ?? "All namespaces"
    self.init(scope: "\(place) in \(files.map { $0 == "-" ? "standard input" : $0 }.joined(separator: ", "))")
    for path in files {
      let source = try SourceFile(reading: path)
      let documents = source.editor.documents.filter { $0 != .null }
      let isList = documents.contains { $0["items"]?.array != nil }
      let objects = documents.flatMap { $0["items"]?.array ?? [$0] }
      let isKnown = try objects.map { try add($0, from: source, namespace) }
      guard isList || isKnown.contains(true) else {
        throw CommandFailure("\(source.name): no Milvus, MilvusTLS or Secret in this file")
      }
    }
    let present = Set(secrets.map { [$0.namespace, $0.name] })
    gaps = secretNames.filter { !present.contains([$0.namespace, $0.name]) }.map {
      "Secret \($0.namespace)/\($0.name) is not in the files: its certificates are shown as the status has them."
    }
  }

  /// - Returns: whether a report uses objects of its kind.
  private mutating func add(_ object: JSONValue, from source: SourceFile, _ namespace: String?) throws -> Bool {
    guard let kind = object["kind"]?.string, ["Milvus", "MilvusTLS", "Secret"].contains(kind) else { return false }
    let object = object.completed
    if let namespace, object[path: "metadata", "namespace"]?.string != namespace { return true }
    switch kind {
    case "Milvus": milvuses += [ObservedMilvus(object)].compactMap(\.self)
    case "MilvusTLS": milvusTLS += [ObservedMilvusTLS(object)].compactMap(\.self)
    default: secrets += [ReportSecret(object)].compactMap(\.self)
    }
    guard object[path: "metadata", "name"]?.string != nil else {
      throw CommandFailure("\(source.name): metadata.name of a \(kind) is missing")
    }
    return true
  }
}

extension JSONValue {
  /// An object of a file with the metadata that every stored object has.
  fileprivate var completed: JSONValue {
    var object = self
    for (name, value) in [("namespace", "default"), ("uid", ""), ("resourceVersion", "")]
    where object[path: "metadata", name]?.string == nil {
      object[JSONPointer(["metadata", name])] = .string(value)
    }
    return object
  }
}
