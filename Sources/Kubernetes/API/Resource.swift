import Foundation

/// A kind of object as the API's paths name it.
public struct Resource: Sendable, Hashable {
  /// The API group; empty for the core group.
  public let group: String
  public let version: String
  /// The name in paths, as `secrets`.
  public let plural: String
  /// The name in objects, as `Secret`.
  public let kind: String
  public let isNamespaced: Bool

  public init(group: String, version: String, plural: String, kind: String, isNamespaced: Bool = true) {
    self.group = group
    self.version = version
    self.plural = plural
    self.kind = kind
    self.isNamespaced = isNamespaced
  }

  /// As objects say it: `v1`, `apps/v1`.
  public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

  /// The path of a collection, an object or its subresource.
  /// - Parameter namespace: nil for all namespaces; without meaning for a resource that has none.
  public func path(namespace: String?, name: String? = nil, subresource: String? = nil) -> String {
    var segments = group.isEmpty ? ["api", version] : ["apis", group, version]
    if isNamespaced, let namespace { segments += ["namespaces", namespace] }
    segments += [plural, name, subresource].compactMap { $0 }
    return "/" + segments.map(Self.escape).joined(separator: "/")
  }

  /// RFC 3986, 3.3: a name can never become another path.
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
