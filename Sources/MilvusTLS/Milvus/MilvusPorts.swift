import JSON

/// The ports of a release as its configuration has them.
public struct MilvusPorts: Sendable, Equatable {
  /// gRPC for clients.
  let external: Int
  /// REST for clients; nil where it is off or shares gRPC's port.
  let rest: Int?
  private let `internal`: [Component: [Int]]

  /// - Parameter config: `spec.config` of a Milvus.
  init(_ config: JSONValue?) {
    external = MilvusPort.external.number(in: config)
    let isOff = config?[path: "proxy", "http", "enabled"]?.goBool == false
    rest = isOff ? nil : config?[path: "proxy", "http", "port"]?.goInt
    `internal` = Dictionary(
      uniqueKeysWithValues: Component.allCases.map { ($0, $0.internalPorts.map { $0.number(in: config) }) }
    )
  }

  /// The ports for other components in a component's pods.
  func `internal`(of component: Component?) -> [Int] { component.flatMap { `internal`[$0] } ?? [] }
}
