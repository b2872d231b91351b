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
  /// A world with what is there at first.
  func world() throws -> World {
    var world = World(spec: milvus["spec"] ?? [:], name: milvus[path: "metadata", "name"]?.string ?? "my-release")
    let metadata = milvus["metadata"] ?? [:]
    world.setMilvus { $0["metadata"] = $0["metadata"]?.merging(metadata) }
    if let milvusTLS { world.addMilvusTLS(milvusTLS) }
    for secret in secrets { try world.put(secret) }
    return world
  }

  /// Plays the case in a world of its own.
  func play() throws -> GoldenOutcome {
    var world = try world()
    try #require(try world.settle(), "the planner finds no rest")
    for step in steps {
      try world.take(step)
      try #require(try world.settle(), "the planner finds no rest")
    }
    return GoldenOutcome(world)
  }
}

extension World {
  fileprivate mutating func take(_ step: GoldenStep) throws {
    switch step {
    case .editMilvus(let patch): setMilvus { $0 = $0.merging(patch) }
    case .editMilvusTLS(let patch):
      let name = try #require(milvusTLS?.name, "there is no MilvusTLS to edit")
      try perform(.updateMilvusTLS(name: name, patch: patch))
    case .deleteMilvusTLS: observation.milvusTLS = []
    case .putSecret(let secret): try put(secret)
    case .rollsOut(let isRunning):
      holdsRollouts = !isRunning
      setMilvus { _ in }
    }
  }

  fileprivate mutating func put(_ secret: ForeignSecret) throws {
    let owner = secret.role == nil ? "" : nil
    let objects = try secret.objects()
    addSecret(secret.name, role: secret.role, data: objects.data, milvus: secret.milvus, owner: owner)
    if let map = objects.configMap.flatMap(ObservedConfigMap.init) {
      configMaps[map.name] = map
      // The watch brings what is followed.
      if observation.configMaps[map.name] != nil { observation.configMaps.updateValue(map, forKey: map.name) }
    }
  }
}
