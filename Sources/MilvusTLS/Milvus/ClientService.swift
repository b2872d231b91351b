import JSON

/// The Service that milvus-operator makes for a Milvus: where clients reach it.
public struct ClientService: Sendable, Equatable {
  /// `<name>-milvus.<namespace>.svc`.
  public let host: String
  /// Of gRPC: the serving component's `port`, or 19530.
  public let port: Int
  /// Of REST: the serving component's `serviceRestfulPort`; nil where the Service has no port for it.
  public let restPort: Int?
  /// Whether REST has the paths of version 2; so has a release that is not known.
  public let hasRESTVersion2: Bool

  /// The name of the Service; also the first DNS name in the server certificate.
  public static func name(of milvus: String) -> String { milvus + "-milvus" }

  public init(of milvus: ObservedMilvus) {
    let serving = Component.serving(isCluster: milvus.isCluster)
    let component = milvus.spec[path: "components", serving.rawValue]
    host = "\(Self.name(of: milvus.name)).\(milvus.namespace).svc"
    port = component?["port"]?.port ?? MilvusPort.external.standard
    restPort = component?["serviceRestfulPort"]?.port
    let release = MilvusVersion.release(of: serving, in: milvus.spec["components"])
    hasRESTVersion2 = release.map { $0 >= MilvusVersionTable.Feature.restVersion2.since } ?? true
  }

  /// The name to expect in a certificate: the host where the certificate covers it, or else its first name.
  /// - Parameter dnsNames: of the certificate.
  public func serverName(covering dnsNames: [String]) -> String {
    guard !dnsNames.contains(where: covers) else { return host }
    return dnsNames.first { $0 != "localhost" && !$0.hasPrefix("*") } ?? host
  }

  /// RFC 6125, 6.4.3: a `*` stands for one whole label.
  private func covers(_ name: String) -> Bool {
    let name = name.lowercased()
    return name == host || (name.hasPrefix("*.") && name.dropFirst() == host.drop { $0 != "." })
  }
}

extension JSONValue {
  /// A port; nil for 0, which Kubernetes takes for none.
  fileprivate var port: Int? { integer.flatMap { (1...65535).contains($0) ? $0 : nil } }
}
