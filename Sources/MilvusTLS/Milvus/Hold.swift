import JSON

/// What keeps milvus-operator from rolling the pods of a Milvus.
enum Hold: Sendable, Equatable {
  case paused
  case manualMode
  case stopped
  /// The serving component has no replicas.
  case scaledToZero(Component)

  /// Reads it from a Milvus; nil where nothing does.
  init?(spec: JSONValue?, status: JSONValue?) {
    let components = spec?["components"]
    let serving = Component.serving(isCluster: spec?["mode"]?.string == "cluster")
    if components?["paused"]?.bool == true {
      self = .paused
    } else if components?["enableManualMode"]?.bool == true {
      self = .manualMode
    } else if status?["status"]?.string == "Stopped" {
      self = .stopped
    } else if Self.isScaledToZero(components?[serving.rawValue]) {
      self = .scaledToZero(serving)
    } else {
      return nil
    }
  }

  /// Where a component has deployment groups, its own `replicas` do not count.
  private static func isScaledToZero(_ component: JSONValue?) -> Bool {
    let groups = component?["groups"]?.array ?? []
    guard !groups.isEmpty else { return component?["replicas"]?.integer == 0 }
    return groups.allSatisfy { $0["replicas"]?.integer == 0 }
  }

  /// As the condition `RotationPending` has it.
  var reason: PendingReason {
    switch self {
    case .paused: .paused
    case .manualMode: .manualMode
    case .stopped: .stopped
    case .scaledToZero: .scaledToZero
    }
  }

  /// The field that says so, for people.
  var field: String {
    switch self {
    case .paused: "spec.components.paused is true"
    case .manualMode: "spec.components.enableManualMode is true"
    case .stopped: "status.status is Stopped"
    case .scaledToZero(let component): "spec.components.\(component.rawValue) has 0 replicas"
    }
  }
}
