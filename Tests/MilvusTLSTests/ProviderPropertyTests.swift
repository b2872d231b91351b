import Foundation
import JSON
import Testing

@testable import MilvusTLS

/// What holds for every Milvus whose author provides files, tried on generated ones over two years.
@Suite struct ProviderPropertyTests {
  static let seeds = Array(UInt64(1)...300)

  /// Seconds from the Milvus's creation at which the operator looks again.
  private static let moments: [TimeInterval] = [0, 30, 61, 86400, 90 * 86400, 400 * 86400, 730 * 86400]

  /// A world with the Milvus of a seed, with its Secret where it exists, and with Secrets that are nobody's business.
  private func world(_ provider: GeneratedProvider) throws -> World {
    var world = World(annotations: provider.annotations, spec: provider.spec)
    world.setMilvus { $0[JSONPointer(["metadata", "creationTimestamp"])] = .string(World.now.kubernetesTime) }
    for name in provider.unrelatedSecrets { world.addSecret(name, role: nil, data: ["password": "of another program"]) }
    world.addSecret("other-certs", role: "server", data: ["server.pem": "another release's"], milvus: "other")
    if provider.visibility == .provided {
      try world.addForeignSecret(provider.secretName, HandMade(validity: -86400...(800 * 86400)))
    }
    return world
  }

  /// Lets the operator work at each moment.
  /// - Parameter check: called whenever it has nothing left to do.
  private func live(_ world: inout World, check: (World) throws -> Void) throws {
    for moment in Self.moments {
      world.observation.now = World.now + moment
      #expect(try world.settle(), "it settles")
      try check(world)
    }
  }

  @Test(arguments: seeds)
  func theOperatorDoesNoHarm(seed: UInt64) throws {
    let provider = GeneratedProvider(seed: seed)
    var world = try world(provider)
    let before = world
    try live(&world) { world in
      expectNothingHidden(world, before)
      // No Secret of another writer is changed or owned.
      for (name, object) in before.objects { #expect(world.objects[name] == object, "Secret \(name)") }
      let (written, now) = (try #require(before.milvus["spec"]), try #require(world.milvus["spec"]))
      #expect(now.keeps(written), "\(written) became \(now)")
      if provider.asksByConfigurationAlone { expectConsent(provider, world, before) }
    }
  }

  /// Nothing is mounted over, in or around what the author mounts.
  private func expectNothingHidden(_ world: World, _ before: World) {
    let authors = mounts(in: before.milvus)
    for (section, mounts) in mounts(in: world.milvus) {
      // What all components have lies in each of them, and the other way round.
      let authored = section.isEmpty ? Set(authors.values.joined()) : (authors[section] ?? []).union(authors[""] ?? [])
      for path in mounts.subtracting(authors[section] ?? []) {
        #expect(authored.allSatisfy { !overlaps($0, path) }, "\(path) is mounted where the author mounts \(authored)")
      }
    }
  }

  /// The table "Who asks, and who provides the files" of the design.
  private func expectConsent(_ provider: GeneratedProvider, _ world: World, _ before: World) {
    let isUntouched = world.milvus == before.milvus && world.objects == before.objects
    switch provider.visibility {
    case .hidden:
      #expect(world.condition("Ready")?.prefix(2) == ["False", "FilesNotVisible"])
      #expect(isUntouched)
    case .provided:
      #expect(world.objects == before.objects)
      #expect(world.milvusTLS?.status.certificate?.source == .secret)
    case .awaited where world.observation.now < World.now + 60:
      #expect(world.condition("Ready")?.prefix(2) == ["False", "SecretMissing"])
      #expect(isUntouched)
    case .awaited: break
    }
  }

  @Test func theGeneratorMakesEveryKind() throws {
    var counts: [String: Int] = [:]
    for seed in Self.seeds.prefix(150) {
      let provider = GeneratedProvider(seed: seed)
      var world = try world(provider)
      world.observation.now += 100
      try world.settle()
      counts["\(provider.visibility) \(world.condition("Ready")?[1] ?? "")", default: 0] += 1
    }
    for kind in [
      "provided Configured", "awaited Configured", "hidden FilesNotVisible", "hidden Conflict", "hidden Configured",
    ] { #expect(counts[kind, default: 0] >= 3, "\(kind): \(counts)") }
  }

  /// Mount paths by section of `spec.components`; those of all components under the empty name.
  private func mounts(in milvus: JSONValue) -> [String: Set<String>] {
    let components = milvus[path: "spec", "components"]
    var found = ["": paths(components)]
    for (section, value) in components?.object ?? [:] { found[section] = paths(value) }
    return found
  }

  private func paths(_ lists: JSONValue?) -> Set<String> {
    Set((lists?["volumeMounts"]?.array ?? []).compactMap { $0["mountPath"]?.string })
  }

  private func overlaps(_ one: String, _ other: String) -> Bool {
    one == other || one.hasPrefix(other + "/") || other.hasPrefix(one + "/")
  }
}
