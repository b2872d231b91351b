import JSON
import MilvusTLS

/// The Milvus resources of a stream of Kubernetes objects, with the MilvusTLS beside them.
struct MilvusStream {
  struct Release {
    let document: Int
    /// The document of its MilvusTLS; nil where there is none.
    let milvusTLS: Int?
    let writtenNamespace: String?
    let milvus: RenderedMilvus

    var namespace: String { writtenNamespace ?? CheckedObject.defaultNamespace }
  }

  let source: SourceFile
  let secrets: StreamSecrets
  private let options: RenderOptions
  /// Whether Secrets are issued that the stream lacks.
  private let withSecrets: Bool
  private var documents: [JSONValue] { source.editor.documents }

  init(_ source: SourceFile, options: RenderOptions, withSecrets: Bool) throws {
    (self.source, self.options, self.withSecrets) = (source, options, withSecrets)
    secrets = try StreamSecrets(source)
  }

  /// Every Milvus with its TLS.
  /// - Throws: `CommandFailure` with line and column of what cannot be rendered.
  func rendered() throws -> [Release] {
    var releases: [Release] = []
    for (index, object) in documents.enumerated() where try isMilvus(object, index) {
      let milvusTLS = milvusTLS(of: object)
      let milvus = try render(object, index, milvusTLS, owners: owners(releases, in: namespace(of: object)))
      releases.append(
        Release(
          document: index,
          milvusTLS: milvusTLS,
          writtenNamespace: object[path: "metadata", "namespace"]?.string,
          milvus: milvus
        )
      )
    }
    guard !releases.isEmpty else {
      throw source.failure("no Milvus (apiVersion milvus.io/v1beta1) in this file", at: "")
    }
    return releases
  }

  /// The Milvus of a namespace by their Secrets.
  private func owners(_ releases: [Release], in namespace: String) -> [String: String] {
    let names = releases.filter { $0.namespace == namespace }.flatMap { release in
      let issued = withSecrets && !hasSecret(release) ? release.milvus.otherSecretNames : []
      return ([release.milvus.secretName] + issued).map { ($0, release.milvus.name) }
    }
    return Dictionary(names) { first, _ in first }
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

  private func render(
    _ object: JSONValue,
    _ document: Int,
    _ milvusTLS: Int?,
    owners: [String: String]
  ) throws -> RenderedMilvus {
    let specification = try specification(of: object, document, milvusTLS)
    return try source.rendering(document) {
      try RenderedMilvus(object, spec: specification, overrides: options.spec, secretOwners: owners)
    }
  }

  /// The document of the MilvusTLS that is for a Milvus; nil where there is none.
  private func milvusTLS(of milvus: JSONValue) -> Int? {
    documents.firstIndex { other in
      let name = other[path: "spec", "milvusRef", "name"] ?? other[path: "metadata", "name"]
      return other["kind"] == "MilvusTLS" && name == milvus[path: "metadata", "name"]
        && namespace(of: other) == namespace(of: milvus)
    }
  }

  private func namespace(of object: JSONValue) -> String {
    object[path: "metadata", "namespace"]?.string ?? CheckedObject.defaultNamespace
  }

  /// `spec` of its MilvusTLS; nil where there is none.
  private func specification(of milvus: JSONValue, _ document: Int, _ index: Int?) throws -> JSONValue? {
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
