import Foundation

/// What a path of the Kubernetes API refers to
/// (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris).
enum RequestTarget: Sendable, Equatable {
  case version
  case health
  /// `/api` or `/apis`.
  case groups(isCore: Bool)
  /// `/apis/<group>`.
  case group(String)
  /// `/api/v1` or `/apis/<group>/<version>`.
  case resources(group: String, version: String)
  case objects(ObjectPath)

  struct ObjectPath: Sendable, Equatable {
    var group: String
    var version: String
    var plural: String
    /// Nil for all namespaces, or a cluster-scoped resource.
    var namespace: String?
    /// Nil for the collection.
    var name: String?
    var subresource: String?
  }

  /// - Parameter path: percent-encoded, without the query.
  /// - Returns: nil if the path is not part of the Kubernetes API.
  init?(path: String) {
    let parts = path.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
    switch (parts.first, parts.count) {
    case ("version", 1): self = .version
    case ("readyz", _), ("livez", _), ("healthz", _): self = .health
    case ("api", 1): self = .groups(isCore: true)
    case ("apis", 1): self = .groups(isCore: false)
    case ("apis", 2): self = .group(parts[1])
    case ("api", 2): self = .resources(group: "", version: parts[1])
    case ("apis", 3): self = .resources(group: parts[1], version: parts[2])
    case ("api", 3...): self.init(group: "", version: parts[1], rest: parts[2...])
    case ("apis", 4...): self.init(group: parts[1], version: parts[2], rest: parts[3...])
    default: return nil
    }
  }

  private init?(group: String, version: String, rest: ArraySlice<String>) {
    var rest = Array(rest)
    var namespace: String?
    // `namespaces/<name>/<subresource>` refers to the Namespace, `namespaces/<name>/<resource>` to a resource in it.
    if rest[0] == "namespaces", rest.count > 2, !["status", "finalize"].contains(rest[2]) {
      namespace = rest[1]
      rest.removeFirst(2)
    }
    guard rest.count <= 3 else { return nil }
    self = .objects(
      ObjectPath(
        group: group,
        version: version,
        plural: rest[0],
        namespace: namespace,
        name: rest.count > 1 ? rest[1] : nil,
        subresource: rest.count > 2 ? rest[2] : nil
      )
    )
  }
}
