import JSON

/// Where the clients of a Milvus reach it: the Service that milvus-operator makes for it.
public struct ClientService: Sendable, Equatable {
  /// Milvus's port for gRPC, where the resource names none.
  private static let defaultPort = 19530

  /// `<name>-milvus.<namespace>.svc`.
  public let host: String
  /// Of gRPC: the serving component's `port`, or 19530.
  public let port: Int
  /// Of REST: the serving component's `serviceRestfulPort`; nil where the Service leads nowhere for it.
  public let restPort: Int?

  public init(of milvus: ObservedMilvus) {
    let component = milvus.spec[path: "components", milvus.isCluster ? "proxy" : "standalone"]
    host = "\(Names.service(of: milvus.name)).\(milvus.namespace).svc"
    port = component?["port"]?.port ?? Self.defaultPort
    restPort = component?["serviceRestfulPort"]?.port
  }

  /// The name to expect in a certificate: the host where it is covered, or else the first that is.
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
