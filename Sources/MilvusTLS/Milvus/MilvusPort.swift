import JSON

/// A port that Milvus listens on: its setting and default (configs/milvus.yaml of Milvus).
struct MilvusPort: Sendable, Equatable {
  /// The setting's place in Milvus's configuration.
  let section: String
  let key: String
  let standard: Int

  /// gRPC for clients.
  static let external = MilvusPort(section: "proxy", key: "port", standard: 19530)
  static let proxyInternal = MilvusPort(section: "proxy", key: "internalPort", standard: 19529)
  static let rootCoord = MilvusPort(section: "rootCoord", key: "port", standard: 53100)
  static let dataCoord = MilvusPort(section: "dataCoord", key: "port", standard: 13333)
  static let queryCoord = MilvusPort(section: "queryCoord", key: "port", standard: 19531)
  static let indexCoord = MilvusPort(section: "indexCoord", key: "port", standard: 31000)
  static let indexNode = MilvusPort(section: "indexNode", key: "port", standard: 21121)
  static let queryNode = MilvusPort(section: "queryNode", key: "port", standard: 21123)
  static let dataNode = MilvusPort(section: "dataNode", key: "port", standard: 21124)
  static let streamingNode = MilvusPort(section: "streamingNode", key: "port", standard: 22222)

  /// REST for clients, where nobody chose another port.
  static let standardREST = 8080
  /// Metrics, health and administration; never TLS (`METRICS_PORT`).
  static let metrics = 9091

  /// The servers of Milvus beside the one for clients.
  static let others = [
    proxyInternal, rootCoord, dataCoord, queryCoord, indexCoord, indexNode, queryNode, dataNode, streamingNode,
  ]

  /// The port in use.
  func number(in settings: MilvusSettings) -> Int { settings[.port(self)]?.goInt ?? standard }
}
