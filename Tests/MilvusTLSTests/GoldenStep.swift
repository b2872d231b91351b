import JSON
import Testing

@testable import MilvusTLS

/// What happens to a Milvus that has settled.
enum GoldenStep {
  /// `milvus`: a person changes the Milvus, by a merge patch.
  case editMilvus(JSONValue)
  /// `milvusTLS`: a person changes the MilvusTLS, by a merge patch.
  case editMilvusTLS(JSONValue)
  /// `milvusTLS: null`: a person deletes it.
  case deleteMilvusTLS
  /// `secret`: a Secret comes, or takes the place of the one of its name.
  case putSecret(ForeignSecret)
  /// `milvusOperator: stopped` or `running`: whether changes of the Milvus are rolled out from here on.
  case rollsOut(Bool)

  init(_ json: JSONValue) throws {
    guard let members = json.object, members.count == 1, let (name, value) = members.first else {
      throw GoldenCase.Malformed("a step has one member: \(json)")
    }
    switch (name, value) {
    case ("milvus", .object): self = .editMilvus(value)
    case ("milvusTLS", .null): self = .deleteMilvusTLS
    case ("milvusTLS", .object): self = .editMilvusTLS(value)
    case ("secret", .object): self = .putSecret(try ForeignSecret(value))
    case ("milvusOperator", "stopped"): self = .rollsOut(false)
    case ("milvusOperator", "running"): self = .rollsOut(true)
    default: throw GoldenCase.Malformed("no such step: \(json)")
    }
  }
}

extension GoldenCase {
  /// Plays the case in a world of its own, beside a milvus-operator that rolls out every change at once unless a step stops it.
  func play() throws -> GoldenOutcome {
    var world = World(spec: milvus["spec"] ?? [:], name: milvus[path: "metadata", "name"]?.string ?? "my-release")
    let metadata = (milvus["metadata"] ?? [:]).merging(["generation": 1])
    world.setMilvus { $0["metadata"] = $0["metadata"]?.merging(metadata) }
    if let milvusTLS { world.addMilvusTLS(milvusTLS) }
    for secret in secrets { try world.put(secret) }
    var rollsOut = true
    try world.settle(rollsOut: rollsOut)
    for step in steps {
      switch step {
      case .editMilvus(let patch): world.setMilvus { $0 = $0.merging(patch) }
      case .editMilvusTLS(let patch):
        let name = try #require(world.milvusTLS?.name, "there is no MilvusTLS to edit")
        try world.perform(.updateMilvusTLS(name: name, patch: patch))
      case .deleteMilvusTLS: world.observation.milvusTLS = []
      case .putSecret(let secret): try world.put(secret)
      case .rollsOut(let isRunning): rollsOut = isRunning
      }
      try world.settle(rollsOut: rollsOut)
    }
    return GoldenOutcome(world)
  }
}

extension World {
  fileprivate mutating func put(_ secret: ForeignSecret) throws {
    observation.secrets[secret.name] = nil
    let owner = secret.role == nil ? "" : nil
    addSecret(secret.name, role: secret.role, data: try secret.data(), milvus: secret.milvus, owner: owner)
  }

  /// Settles, has the change rolled out, and settles again, until nothing moves.
  fileprivate mutating func settle(rollsOut: Bool) throws {
    for _ in 0..<5 {
      try #require(try settle(), "the planner finds no rest")
      guard rollsOut, rollOut() else { return }
    }
    Issue.record("every rollout brings another one")
  }

  /// What milvus-operator writes when the pods run as the Milvus says.
  /// - Returns: false where it has written that already.
  private mutating func rollOut() -> Bool {
    let generation = milvus[path: "metadata", "generation"] ?? 0
    guard milvus[path: "status", "observedGeneration"] != generation else { return false }
    setMilvus {
      $0["status"] = [
        "status": "Healthy", "observedGeneration": generation,
        "conditions": [["type": "MilvusUpdated", "status": "True", "reason": "MilvusUpdated"]],
      ]
    }
    return true
  }
}
