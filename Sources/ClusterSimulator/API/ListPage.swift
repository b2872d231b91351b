import Foundation
import JSON

/// Start of the next page of a list; the token has the form of etcd3's in apimachinery.
struct ContinueToken: Sendable {
  /// The version of the first page; all pages show the collection at that version.
  let revision: Int
  /// The last object sent, as `namespace/name`.
  let lastPath: String

  init(revision: Int, lastPath: String) {
    self.revision = revision
    self.lastPath = lastPath
  }

  /// - Throws: `ServerStatus` for a token that the server did not issue.
  init(_ text: String) throws {
    let standard = text.replacing("-", with: "+").replacing("_", with: "/")
    let padded = standard + String(repeating: "=", count: (4 - standard.count % 4) % 4)
    guard let data = Data(base64Encoded: padded), let document = try? JSONValue(parsing: data),
      let revision = document["rv"]?.integer, let start = document["start"]?.string
    else {
      throw ServerStatus.badRequest("invalid continue token: continue key is not valid")
    }
    self.init(revision: revision, lastPath: String(start.dropLast()))
  }

  var text: String {
    let document: JSONValue = [
      "v": "meta.k8s.io/v1", "rv": .integer(revision), "start": .string(lastPath + "\u{0}"),
    ]
    return document.serialized().base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
      .replacing("=", with: "")
  }
}

extension ClusterStore {
  /// A page of a collection with its list metadata.
  /// - Parameter limit: objects per page; nil or 0 for all.
  /// - Throws: `ServerStatus` for a token that is invalid or too old.
  func page(
    of type: ResourceType,
    namespace: String?,
    selector: Selector,
    limit: Int?,
    continuing token: ContinueToken?
  ) throws -> JSONValue {
    let all =
      try token.map { try list(type.storage, namespace: namespace, at: $0.revision) }
      ?? list(type.storage, namespace: namespace)
    let selected = all.filter(selector.matches)
    let rest = token.map { token in selected.filter { $0.path > token.lastPath } } ?? selected
    let page = limit.map { $0 > 0 ? Array(rest.prefix($0)) : rest } ?? rest
    let version = token?.revision ?? revision

    var metadata: JSONValue = ["resourceVersion": .string(String(version))]
    // Only for built-in types does the real server omit an empty token.
    if type.schema != nil { metadata["continue"] = "" }
    if page.count < rest.count, let last = page.last {
      metadata["continue"] = .string(ContinueToken(revision: version, lastPath: last.path).text)
      if selector.isEmpty { metadata["remainingItemCount"] = .integer(rest.count - page.count) }
    }
    return [
      "apiVersion": .string(type.apiVersion), "kind": .string(type.listKind), "metadata": metadata,
      "items": .array(page.map(type.presented)),
    ]
  }
}

extension JSONValue {
  fileprivate var path: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }
}

extension ResourceType {
  /// A stored object in this API version.
  func presented(_ object: JSONValue) -> JSONValue {
    if group == "events.k8s.io" { return EventVersions.presented(object) }
    var object = object
    object["apiVersion"] = .string(apiVersion)
    return object
  }
}
