import Foundation

/// A resource of the API: a kind of object and its name in paths.
public struct Resource: Sendable, Hashable {
  /// The API group; empty for the core group.
  public let group: String
  public let version: String
  /// Name in paths, for example `secrets`.
  public let plural: String
  /// Kind in objects, for example `Secret`.
  public let kind: String
  /// Whether objects belong to a namespace; false for cluster-scoped resources.
  public let isNamespaced: Bool

  public init(group: String, version: String, plural: String, kind: String, isNamespaced: Bool = true) {
    self.group = group
    self.version = version
    self.plural = plural
    self.kind = kind
    self.isNamespaced = isNamespaced
  }

  /// As in objects: `v1`, `apps/v1`.
  public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

  /// The path of a collection, an object or its subresource.
  /// - Parameter namespace: nil for all namespaces; ignored for a cluster-scoped resource.
  public func path(namespace: String?, name: String? = nil, subresource: String? = nil) -> String {
    var segments = group.isEmpty ? ["api", version] : ["apis", group, version]
    if isNamespaced, let namespace { segments += ["namespaces", namespace] }
    segments += [plural, name, subresource].compactMap { $0 }
    return "/" + segments.map(Self.escape).joined(separator: "/")
  }

  /// Percent-encodes a path segment (RFC 3986, 3.3), so that a name cannot change the path.
  private static func escape(_ segment: String) -> String {
    guard segment != ".", segment != ".." else { return segment.replacingOccurrences(of: ".", with: "%2E") }
    return segment.addingPercentEncoding(withAllowedCharacters: .unreserved) ?? ""
  }
}

extension Resource {
  public static let secrets = Resource(group: "", version: "v1", plural: "secrets", kind: "Secret")
  public static let pods = Resource(group: "", version: "v1", plural: "pods", kind: "Pod")
  public static let events = Resource(group: "", version: "v1", plural: "events", kind: "Event")
  public static let configMaps = Resource(group: "", version: "v1", plural: "configmaps", kind: "ConfigMap")
  public static let namespaces = Resource(
    group: "",
    version: "v1",
    plural: "namespaces",
    kind: "Namespace",
    isNamespaced: false
  )
}

extension CharacterSet {
  /// RFC 3986, 2.3.
  static let unreserved = CharacterSet(
    charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
  )
}
