import Foundation
import JSON
import MilvusTLS

/// What the operator would do at one time.
struct ForecastStep {
  /// What happens to a Secret, a MilvusTLS or a Certificate of cert-manager.
  struct Write {
    let kind: String
    let name: String
    let message: String
  }

  let date: Date
  var writes: [Write] = []
  /// Changes of the Milvus.
  var changes: [FieldChange] = []
  /// How many pods restart; nil for no restart.
  var restartedPods: Int?
  /// Conditions that become true, or say what is wrong.
  var conditions: [Condition] = []

  var isEmpty: Bool { writes.isEmpty && changes.isEmpty && restartedPods == nil && conditions.isEmpty }

  var json: JSONValue {
    [
      "time": .string(date.kubernetesTime),
      "writes": .array(
        writes.map { ["kind": .string($0.kind), "name": .string($0.name), "message": .string($0.message)] }
      ),
      "milvus": .array(
        changes.map { ["field": .string($0.field.fieldPath), "old": $0.old ?? .null, "new": $0.new ?? .null] }
      ),
      "restartedPods": restartedPods.map(JSONValue.integer) ?? .null,
      "conditions": .array(
        conditions.map {
          [
            "type": .string($0.type.rawValue), "status": .string($0.status.rawValue), "reason": .string($0.reason),
            "message": .string($0.message),
          ]
        }
      ),
    ]
  }

  /// For people, in the order in which things happen.
  var lines: [String] {
    writes.map { "\($0.kind) \($0.name): \($0.message)" } + changes.map { "Milvus \($0)" }
      + (restartedPods.map { ["Restart of \($0) pod\($0 == 1 ? "" : "s")"] } ?? [])
      + conditions.map { "\($0.type.rawValue)=\($0.status.rawValue) \($0.reason): \($0.message)" }
  }
}
