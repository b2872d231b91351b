import JSON
import Testing

@testable import MilvusTLS

/// What holds for every Milvus, tried on generated ones.
@Suite struct PropertyTests {
  static let seeds = Array(UInt64(1)...400)

  private func world(_ seed: UInt64, asks: Bool = true) -> World {
    var generator = GeneratedMilvus(seed: seed)
    return World(annotations: generator.annotations(), spec: generator.spec(asks: asks))
  }

  @Test(arguments: seeds)
  func aPlanThatWasCarriedOutLeavesNothingToDo(seed: UInt64) throws {
    var world = world(seed)
    #expect(try world.settle(), "it settles")
    let plan = world.plan
    #expect(plan.actions.isEmpty)
    #expect(plan.statuses.isEmpty)
    #expect(world.condition("Ready") != nil)
  }

  @Test(arguments: seeds)
  func enablingAndDisablingGivesTheResourceBack(seed: UInt64) throws {
    var world = world(seed, asks: false)
    let before = world.milvus["spec"]
    #expect(try world.settle())
    world.annotate("external", "Disabled")
    world.annotate("internal", "false")
    #expect(try world.settle())
    #expect(world.milvus["spec"] == before)
    let annotations = world.milvus[path: "metadata", "annotations"]
    #expect(annotations == ["tls.milvus.io/external": "Disabled", "tls.milvus.io/internal": "false"])
  }

  @Test(arguments: seeds)
  func whatItsAuthorWroteNeverChanges(seed: UInt64) throws {
    var world = world(seed)
    let before = try #require(world.milvus["spec"])
    #expect(try world.settle())
    let after = try #require(world.milvus["spec"])
    #expect(after.keeps(before), "\(before) became \(after)")
    if world.condition("Ready")?[0] == "False" { #expect(after == before) }
  }

  @Test(arguments: seeds)
  func noPlanNamesASecretBeforeItExists(seed: UInt64) throws {
    var world = world(seed)
    var patches = 0
    for _ in 0..<20 {
      let actions = world.plan.actions
      for action in actions {
        if case .patchMilvus(let patch, _) = action {
          patches += 1
          let named = patch.secretNames.subtracting(world.milvus.secretNames)
          #expect(named.allSatisfy { world.observation.secret($0) != nil })
        }
        try world.perform(action)
      }
      guard !actions.isEmpty else { break }
    }
    #expect(patches <= 1)
  }

  @Test func theGeneratorMakesBothKindsOfOutcome() throws {
    let outcomes = try Self.seeds.map { seed in
      var world = world(seed)
      try world.settle()
      return world.condition("Ready")?[1] ?? ""
    }
    let counts = Dictionary(grouping: outcomes, by: { $0 }).mapValues(\.count)
    #expect(counts["Configured", default: 0] > 80, "\(counts)")
    #expect(counts["Conflict", default: 0] > 40, "\(counts)")
  }
}

extension JSONValue {
  /// Whether everything in another document is in this one too: members with their values, elements in their order.
  func keeps(_ other: JSONValue) -> Bool {
    switch (self, other) {
    case (.object(let members), .object(let others)):
      return others.allSatisfy { key, value in members[key].map { $0.keeps(value) } ?? false }
    case (.array(let elements), .array(let others)):
      var rest = elements[...]
      return others.allSatisfy { element in
        guard let index = rest.firstIndex(of: element) else { return false }
        rest = rest[(index + 1)...]
        return true
      }
    default: return self == other
    }
  }

  /// The Secrets that volumes anywhere in a document name.
  fileprivate var secretNames: Set<String> {
    switch self {
    case .object(let members):
      let own = members["secret"]?["secretName"]?.string.map { [$0] } ?? []
      return members.values.reduce(into: Set(own)) { $0.formUnion($1.secretNames) }
    case .array(let elements): return elements.reduce(into: []) { $0.formUnion($1.secretNames) }
    default: return []
    }
  }
}
