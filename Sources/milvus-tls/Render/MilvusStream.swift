import JSON
import MilvusTLS

/// The Milvus resources of a stream of Kubernetes objects, with the MilvusTLS beside them.
struct MilvusStream {
  struct Release {
    let document: Int
    let namespace: String?
    let milvus: RenderedMilvus
  }

  private let source: SourceFile
  private let options: RenderOptions
  private var documents: [JSONValue] { source.editor.documents }

  init(_ source: SourceFile, options: RenderOptions) {
    (self.source, self.options) = (source, options)
  }

  /// Every Milvus with its TLS.
  /// - Throws: `CommandFailure` with line and column of what cannot be rendered.
  func rendered() throws -> [Release] {
    var releases: [Release] = []
    for (index, object) in documents.enumerated() where try isMilvus(object, index) {
      let namespace = object[path: "metadata", "namespace"]?.string
      let owners = releases.filter { $0.namespace == namespace }.map { ($0.milvus.secretName, $0.milvus.name) }
      let milvus = try render(object, index, owners: Dictionary(owners) { first, _ in first })
      releases.append(Release(document: index, namespace: namespace, milvus: milvus))
    }
    guard !releases.isEmpty else {
      throw source.failure("no Milvus (apiVersion milvus.io/v1beta1) in this file", at: "")
    }
    return releases
  }

  /// Whether the stream has the Secret that a release mounts.
  func hasSecret(_ release: Release) -> Bool {
    documents.contains { object in
      object["kind"] == "Secret" && object[path: "metadata", "name"]?.string == release.milvus.secretName
        && object[path: "metadata", "namespace"]?.string == release.namespace
    }
  }

  private func isMilvus(_ object: JSONValue, _ document: Int) throws -> Bool {
    if object["kind"]?.string?.hasSuffix("List") ?? false,
      object["items"]?.array?.contains(where: { $0["kind"] == "Milvus" }) ?? false
    {
      throw source.failure(
        "a Milvus in a List cannot be rendered; write it as a document of its own",
        at: "items",
        in: document
      )
    }
    guard object["kind"] == "Milvus" else { return false }
    guard object["apiVersion"] == "milvus.io/v1beta1" else {
      throw source.failure("apiVersion of a Milvus must be milvus.io/v1beta1", at: "apiVersion", in: document)
    }
    return true
  }

  private func render(_ object: JSONValue, _ document: Int, owners: [String: String]) throws -> RenderedMilvus {
    let specification = try specification(of: object, document)
    return try source.rendering(document) {
      try RenderedMilvus(object, spec: specification, overrides: options.spec, secretOwners: owners)
    }
  }

  /// `spec` of the MilvusTLS that is for a Milvus; nil where there is none.
  private func specification(of milvus: JSONValue, _ document: Int) throws -> JSONValue? {
    let metadata = milvus["metadata"]
    let index = documents.firstIndex { other in
      let name = other[path: "spec", "milvusRef", "name"] ?? other[path: "metadata", "name"]
      return other["kind"] == "MilvusTLS" && name == metadata?["name"]
        && other[path: "metadata", "namespace"] == metadata?["namespace"]
    }
    guard let index else {
      try checkAnnotations(of: milvus, document)
      return nil
    }
    guard options.spec == [:] else {
      throw source.failure("this MilvusTLS specifies the TLS; change it instead of using flags", at: "spec", in: index)
    }
    return documents[index]["spec"] ?? [:]
  }

  /// An annotation that says something else than a flag would have the operator change everything again.
  private func checkAnnotations(of milvus: JSONValue, _ document: Int) throws {
    let wanted = [
      (Annotations.external, options.external?.rawValue), (Annotations.internal, options.internal ? "true" : nil),
    ]
    for (name, value) in wanted {
      guard let value, let written = milvus[path: "metadata", "annotations", name]?.string, written != value else {
        continue
      }
      throw source.failure(
        "annotation \(name) is \(written), but the flag says \(value)",
        at: "metadata.annotations.\(name)",
        in: document
      )
    }
  }
}
