import JSON

/// A component of Milvus as milvus-operator runs it: a section of `spec.components`, and pods with a label.
enum Component: String, CaseIterable {
  /// Raw values are the sections' names.
  case standalone, proxy, mixCoord, rootCoord, dataCoord, queryCoord, indexCoord, queryNode, dataNode, indexNode
  case streamingNode, cdc

  /// The component that clients talk to.
  static func serving(isCluster: Bool) -> Component { isCluster ? .proxy : .standalone }

  /// The component of a pod's label `app.kubernetes.io/component`, which is in lower case.
  init?(label: String) {
    guard let component = Component.allCases.first(where: { $0.label == label }) else { return nil }
    self = component
  }

  var label: String { rawValue.lowercased() }

  /// Whether it runs in a mode. Components that this operator does not know, those of later versions too, count in
  /// either.
  static func runs(_ section: String, isCluster: Bool) -> Bool {
    switch Component(rawValue: section) {
    case .standalone: !isCluster
    case .cdc, nil: true
    default: isCluster
    }
  }

  /// The components that milvus-operator deploys, whether the resource has sections for them or not
  /// (`GetComponentsBySpec` in its `pkg/controllers/components.go`). Where the release is not known, those of all.
  static func deployed(_ components: JSONValue?, isCluster: Bool) -> [Component] {
    guard isCluster else { return [.standalone] }
    let both: [Component] = [.proxy, .queryNode, .dataNode]
    let mixed: [Component] = [.mixCoord, .streamingNode]
    let coordinators: [Component] = [.rootCoord, .dataCoord, .queryCoord, .indexCoord]
    guard let release = MilvusVersion.release(of: .proxy, in: components) else {
      return both + mixed + coordinators + [.indexNode]
    }
    // From here on, sections of the former coordinators deploy nothing.
    if release >= MilvusVersionTable.Feature.streamingNodeTLS.since { return both + mixed }
    let hasMixCoord = components?[mixCoord.rawValue]?.object != nil
    return both + [.indexNode] + (hasMixCoord ? [.mixCoord] : coordinators)
  }

  /// Whether clients connect to its pods.
  var servesClients: Bool { self == .proxy || self == .standalone }

  /// Whether its log says if internal TLS is enabled: a component that serves no gRPC says nothing.
  var writesInternalTLSLine: Bool { self != .cdc }

  /// The servers for other components in its pods; which of several listen depends on the release.
  var internalPorts: [MilvusPort] {
    switch self {
    case .standalone:
      [
        .proxyInternal, .rootCoord, .dataCoord, .queryCoord, .queryNode, .dataNode, .indexNode, .streamingNode,
      ]
    case .mixCoord: [.rootCoord, .dataCoord, .queryCoord]
    case .proxy: [.proxyInternal]
    case .rootCoord: [.rootCoord]
    case .dataCoord: [.dataCoord]
    case .queryCoord: [.queryCoord]
    case .indexCoord: [.indexCoord]
    case .queryNode: [.queryNode]
    case .dataNode: [.dataNode]
    case .indexNode: [.indexNode]
    case .streamingNode: [.streamingNode]
    case .cdc: []
    }
  }
}
