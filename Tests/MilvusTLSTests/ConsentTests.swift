import Foundation
import JSON
import Testing

@testable import MilvusTLS

/// Who asks for TLS, and who provides the files.
@Suite struct ConsentTests {
  /// The manual's Milvus, created just now: it mounts a Secret that does not exist.
  private func manual(annotations: [String: String] = [:], age: TimeInterval = 0) throws -> World {
    var world = try GoldenCase(named: "own-manual-external").world()
    let created = World.now - age
    world.setMilvus {
      $0[JSONPointer(["metadata", "creationTimestamp"])] = .string(created.kubernetesTime)
      for (name, value) in annotations { $0[JSONPointer(["metadata", "annotations", name])] = .string(value) }
    }
    return world
  }

  // MARK: A Secret that may still come

  @Test func aSecretThatGitMayStillBringIsWaitedForAMinute() throws {
    var world = try manual()
    let before = world.milvus["spec"]
    #expect(try world.settle())
    #expect(world.condition("Ready")?.prefix(2) == ["False", "SecretMissing"])
    #expect(world.observation.secrets.isEmpty && world.milvus["spec"] == before)
    #expect(world.plan.wakeUp == World.now + 60)
    world.observation.now += 60
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Configured")
    #expect(world.certificate(in: "certs") != nil)
  }

  @Test func aSecretThatComesMeanwhileIsUsedAndNothingIsIssued() throws {
    var world = try manual()
    #expect(try world.settle())
    #expect(world.milvusTLS?.unmanagedSecretNames == ["certs"], "its arrival wakes the Milvus")
    world.observation.now += 20
    try world.addForeignSecret("certs")
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Configured")
    #expect(world.observation.secrets.isEmpty)
    #expect(world.milvusTLS?.status.certificate?.source == .secret)
  }

  @Test func withNeverTheOperatorWaitsForever() throws {
    var world = try manual(age: 86400)
    world.observation.issueMissingAfter = nil
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "SecretMissing")
    #expect(world.observation.secrets.isEmpty)
  }

  @Test(arguments: [["tls.milvus.io/external": "OneWay"]])
  func whoAsksByAnnotationWaitsForNothing(annotations: [String: String]) throws {
    var world = try manual(annotations: annotations)
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Configured")
    #expect(world.certificate(in: "certs") != nil)
  }

  @Test func theOperatorsOwnSecretThatIsDeletedIsMadeAgainAtOnce() throws {
    var world = try manual(age: 60)
    #expect(try world.settle())
    world.setMilvus { $0[JSONPointer(["metadata", "creationTimestamp"])] = .string(World.now.kubernetesTime) }
    world.tamper("certs") { _ in nil }
    #expect(try world.settle())
    #expect(world.certificate(in: "certs") != nil)
  }

  @Test func aSecretWithFileNamesOfItsAuthorIsWaitedForWhoeverAsks() throws {
    var world = try GoldenCase(named: "awaited-secret-of-own-file-names").world()
    world.annotate("external", "OneWay")
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "SecretMissing")
    #expect(world.condition("Ready")?[2].contains("prod-server-tls") == true)
    try world.addForeignSecret("prod-server-tls", keys: ObservedSecret.kubernetesTLSLayout)
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Configured")
  }

  // MARK: Files that cannot be seen

  static let hidden = GoldenCase.names.filter { $0.hasPrefix("hidden-files-") && !$0.hasSuffix("handed-over") }

  @Test(arguments: hidden)
  func filesThatCannotBeSeenAreNeverCovered(name: String) throws {
    let golden = try GoldenCase(named: name)
    var world = try golden.world()
    let before = world.milvus
    #expect(try world.settle())
    guard world.condition("Ready")?[1] == "FilesNotVisible" else {
      #expect(name == "hidden-files-not-needed")
      return
    }
    #expect(world.milvus == before && world.observation.secrets.isEmpty)
    // Time alone changes nothing.
    world.observation.now += 90 * 86400
    #expect(try world.settle())
    #expect(world.milvus == before && world.observation.secrets.isEmpty)
  }

  @Test func handedOverByAnnotationAndTakenBackTheTLSStaysTheOperators() throws {
    var world = try GoldenCase(named: "hidden-files-of-an-injector").world()
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "FilesNotVisible")
    world.annotate("external", "OneWay")
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Configured")
    let certificate = try #require(world.certificate(in: "certs"))
    world.annotate("external", nil)
    world.observation.now += 8000 * 3600
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Configured")
    #expect(world.certificate(in: "certs") != certificate)
  }
}
