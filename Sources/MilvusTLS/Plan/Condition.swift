import Foundation
import JSON

/// A condition of a resource's status (Kubernetes API conventions, "Typical status properties").
public struct Condition: Sendable, Equatable {
  public enum Status: String, Sendable { case `true` = "True", `false` = "False", unknown = "Unknown" }

  public let type: String
  public let status: Status
  /// One word in CamelCase.
  public let reason: String
  public let message: String

  init(_ type: String, _ status: Status, _ reason: String, _ message: String) {
    self.type = type
    self.status = status
    self.reason = reason
    // The definition's limit is 32768 characters.
    self.message = message.shortened(to: 30_000)
  }

  /// Whether its coming is something to warn of.
  public var isWarning: Bool {
    switch type {
    case "Ready", "Verified": status == .false
    case "RotationPending", "AuthorityRotating": false
    default: status == .true
    }
  }

  /// The condition as it goes into a status.
  /// - Parameters:
  ///   - previous: the condition of the same type as it stands there; its transition time stays while the status does.
  ///   - generation: generation of the resource that it was made for.
  func json(previous: JSONValue?, generation: Int, now: Date) -> JSONValue {
    let hasChanged = previous?["status"]?.string != status.rawValue
    let transition = hasChanged ? nil : previous?["lastTransitionTime"]
    return [
      "type": .string(type), "status": .string(status.rawValue), "reason": .string(reason),
      "message": .string(message), "observedGeneration": .integer(generation),
      "lastTransitionTime": transition ?? .string(now.kubernetesTime),
    ]
  }
}

extension JSONValue {
  /// The condition of a type in a status.
  public func condition(_ type: String) -> JSONValue? {
    self["conditions"]?.array?.first { $0["type"]?.string == type }
  }
}
