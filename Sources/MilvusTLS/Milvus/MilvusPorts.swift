/// The ports of a release as its configuration has them.
public struct MilvusPorts: Sendable, Equatable {
  /// gRPC for clients.
  let external: Int
  /// REST for clients; nil where it is off or shares gRPC's port.
  let rest: Int?
  private let `internal`: [Component: [Int]]

  init(_ settings: MilvusSettings) {
    external = MilvusPort.external.number(in: settings)
    let isOff = settings[.restEnabled]?.goBool == false
    rest = isOff ? nil : settings[.restPort]?.goInt
    `internal` = Dictionary(
      uniqueKeysWithValues: Component.allCases.map { ($0, $0.internalPorts.map { $0.number(in: settings) }) }
    )
  }

  /// The ports for other components in a component's pods.
  func `internal`(of component: Component?) -> [Int] { component.flatMap { `internal`[$0] } ?? [] }
}
