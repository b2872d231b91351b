import JSON

/// The gRPC and HTTP servers in one Milvus container and their ports, from its configuration.
struct MilvusServers: Sendable {
  /// Servers for other components by name: the configuration key of their port, and its default.
  private static let internalPorts: [String: (section: String, key: String, port: Int)] = [
    "proxy": ("proxy", "internalPort", 19529),
    "rootcoord": ("rootCoord", "port", 53100),
    "datacoord": ("dataCoord", "port", 13333),
    "querycoord": ("queryCoord", "port", 19531),
    "indexcoord": ("indexCoord", "port", 31000),
    "indexnode": ("indexNode", "port", 21121),
    "querynode": ("queryNode", "port", 21123),
    "datanode": ("dataNode", "port", 21124),
    "streamingnode": ("streamingNode", "port", 22222),
  ]

  let component: String
  let configuration: JSONValue
  let version: MilvusVersion

  /// Names of the gRPC servers in the process.
  var names: [String] {
    let coordinators = ["rootcoord", "datacoord", "querycoord"] + (version.isAtLeast(2, 5) ? [] : ["indexcoord"])
    let worker = version.isAtLeast(2, 6) ? "streamingnode" : "indexnode"
    return switch component {
    case "standalone": coordinators + ["querynode", "datanode", worker, "proxy"]
    case "mixcoord": coordinators
    default: [component]
    }
  }

  /// Whether it serves clients.
  var haveProxy: Bool { component == "proxy" || component == "standalone" }

  /// - Parameters:
  ///   - external: TLS for clients; nil for plain text.
  ///   - internal: TLS for the other components; nil for plain text.
  func endpoints(external: TLSServerSettings?, internal peers: TLSServerSettings?) -> [ServerEndpoint] {
    var endpoints = names.compactMap { name in
      Self.internalPorts[name].flatMap { place in
        endpoint(at: port(place.section, place.key) ?? place.port, .grpc, peers)
      }
    }
    let asksForPassword = version.isAtLeast(2, 6, 10) || (version.isAtLeast(2, 5, 27) && !version.isAtLeast(2, 6))
    endpoints.append(ServerEndpoint(port: 9091, dialect: .metrics(asksForPassword: asksForPassword), tls: nil))
    guard haveProxy else { return endpoints }
    let clientPort = port("proxy", "port") ?? 19530
    if let clients = endpoint(at: clientPort, .grpc, external) { endpoints.append(clients) }
    // On the gRPC port, both share the server.
    if let restPort = port("proxy", "http", "port"), restPort != clientPort, servesREST,
      let rest = endpoint(at: restPort, .http, external)
    {
      endpoints.append(rest)
    }
    return endpoints
  }

  private var servesREST: Bool { configuration[path: "proxy", "http", "enabled"].map(Self.isTrue) ?? true }

  private func endpoint(at port: Int, _ dialect: ServerDialect, _ tls: TLSServerSettings?) -> ServerEndpoint? {
    UInt16(exactly: port).map { ServerEndpoint(port: $0, dialect: dialect, tls: tls) }
  }

  private func port(_ path: String...) -> Int? {
    let value = path.reduce(configuration as JSONValue?) { $0?[$1] }
    return value.flatMap(Self.number)
  }

  /// A boolean of the configuration, which may be a string.
  static func isTrue(_ value: JSONValue) -> Bool {
    value.bool ?? (value.string?.lowercased() == "true")
  }

  /// A number of the configuration, which may be a string.
  static func number(_ value: JSONValue) -> Int? {
    value.integer ?? value.string.flatMap { Int($0) }
  }
}
