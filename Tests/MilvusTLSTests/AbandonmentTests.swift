import Foundation
import JSON
import Testing

@testable import MilvusTLS

/// A MilvusTLS, or the definition of all, that is deleted leaves TLS on, and renewed.
@Suite struct AbandonmentTests {
  private func configured(_ spec: JSONValue) throws -> World {
    var world = World()
    world.addMilvusTLS(["metadata": ["name": "my-release"], "spec": spec])
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Configured")
    world.actions = []
    return world
  }

  private let spec: JSONValue = [
    "external": ["mode": "TwoWay"],
    "certificate": [
      "secretName": "own-name", "commonName": "db.example.com", "dnsNames": ["*.db.example.com"], "duration": "2400h",
      "privateKey": ["algorithm": "RSA", "size": 2048],
    ],
    "clients": [["name": "one", "secretName": "first"], ["name": "two"]],
  ]

  @Test func nothingHappensUntilARenewalIsDue() throws {
    var world = try configured(spec)
    world.observation.milvusTLS = []
    #expect(try world.settle())
    #expect(world.actions.isEmpty)
    #expect(world.plan.warning?.reason == .abandoned)
    #expect(world.plan.warning?.message.hasPrefix("The MilvusTLS was deleted: TLS stays enabled") == true)
    let due = try #require(world.plan.wakeUp)
    #expect(due > World.now + 1500 * 3600 && due < World.now + 2400 * 3600)
  }

  @Test func certificatesAreRenewedAsTheyAreAndPodsRolled() throws {
    var world = try configured(spec)
    let before = ["own-name", "first", "certs-two"].map { world.certificate(in: $0) }
    let digest = world.milvus[path: "spec", "components", "podAnnotations"]
    world.observation.milvusTLS = []
    world.observation.now += 2000 * 3600
    #expect(try world.settle())
    let after = ["own-name", "first", "certs-two"].map { world.certificate(in: $0) }
    for (old, new) in zip(before, after) {
      let (old, new) = (try #require(old), try #require(new))
      #expect(new.serialNumber != old.serialNumber && new.notAfter > old.notAfter)
      #expect(new.subject == old.subject && new.dnsNames == old.dnsNames && new.ipAddresses == old.ipAddresses)
      #expect(new.publicKeyAlgorithm == old.publicKeyAlgorithm)
    }
    #expect(world.milvus[path: "spec", "components", "podAnnotations"] != digest)
    #expect(world.milvus[path: "spec", "config", "tls"] != nil)
  }

  @Test func withoutTheDefinitionTheAnnotationsCreateNothingAndTheCertificatesAreRenewed() throws {
    var world = World(annotations: ["tls.milvus.io/external": "OneWay"])
    #expect(try world.settle())
    let before = try #require(world.certificate(in: "certs"))
    world.actions = []
    world.observation.milvusTLS = []
    world.observation.isDefinitionMissing = true
    #expect(try world.settle())
    #expect(world.actions.isEmpty)
    #expect(
      world.plan.warning?.message
        == "The API server has no definition of MilvusTLS: TLS stays enabled, and its certificates are renewed as they are, "
        + "at any time. Create the definition again"
    )
    #expect(world.plan.wakeUp == World.now + 60)
    world.observation.now += 8000 * 3600
    #expect(try world.settle())
    #expect(world.certificate(in: "certs")?.serialNumber != before.serialNumber)
    world.observation.isDefinitionMissing = false
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Configured")
  }

  @Test func aMilvusThatNeverHadTLSIsLeftAloneWithoutTheDefinition() throws {
    var world = World(annotations: ["tls.milvus.io/external": "OneWay"])
    world.observation.isDefinitionMissing = true
    #expect(world.plan == TLSPlan())
  }

  @Test func anAuthorityOfOursThatWhatServesDoesNotTrustSignsNothing() throws {
    var world = try configured(["external": ["mode": "OneWay"]])
    var other = World(name: "other")
    other.addMilvusTLS(["metadata": ["name": "other"], "spec": ["external": ["mode": "OneWay"]]])
    #expect(try other.settle())
    world.addSecret("certs-ca", role: "authority", data: try #require(other.data(of: "certs-ca")))
    let before = try #require(world.certificate(in: "certs"))
    world.observation.milvusTLS = []
    world.observation.now += 8000 * 3600
    #expect(try world.settle())
    #expect(world.actions.isEmpty && world.certificate(in: "certs") == before)
  }

  @Test func aProvidedSecretsNewContentsAreLoaded() throws {
    var world = World(spec: try GoldenCase(named: "own-manual-external").world().milvus["spec"] ?? [:])
    try world.addForeignSecret("certs")
    world.addMilvusTLS(["metadata": ["name": "my-release"], "spec": ["external": ["mode": "OneWay"]]])
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Configured")
    let digest = world.milvus[path: "spec", "components", "podAnnotations"]
    // Its own configuration would get it a MilvusTLS again: without the definition it does not.
    world.observation.milvusTLS = []
    world.observation.isDefinitionMissing = true
    try world.addForeignSecret("certs")
    #expect(try world.settle())
    #expect(world.milvus[path: "spec", "components", "podAnnotations"] != digest)
  }
}
