import JSON
import Testing

@testable import MilvusTLS

/// Which release a component or pod runs, and what follows from it.
@Suite struct MilvusVersionTests {
  @Test(arguments: [
    ("milvusdb/milvus:v2.5.4", MilvusRelease(2, 5, 4)),
    ("registry:5000/x/milvus:2.6-20260101-abc", MilvusRelease(2, 6, 0)),
    ("milvusdb/milvus:v2.6.10-gpu@sha256:00", MilvusRelease(2, 6, 10)), ("house/milvus:1.4.0-cuda12", nil),
    ("house/vectors:2.5.4", nil), ("milvusdb/milvus:latest", nil), ("milvusdb/milvus", nil),
  ])
  func theTagOfAnImageIsARelease(image: String, release: MilvusRelease?) {
    #expect(MilvusVersion.release(ofImage: image) == release)
  }

  private static let components: [(JSONValue, MilvusRelease?)] = [
    (["image": "milvusdb/milvus:v2.5.4"], MilvusRelease(2, 5, 4)),
    (["image": "milvusdb/milvus:v2.5.4", "proxy": ["image": "milvusdb/milvus:v2.6.1"]], MilvusRelease(2, 6, 1)),
    (["version": "2.6.5", "proxy": ["image": "house/milvus:1.4.0-cuda12"]], MilvusRelease(2, 6, 5)),
    (["image": "milvusdb/milvus:v2.5.4", "proxy": ["image": "milvusdb/milvus:latest"]], nil), ([:], nil),
  ]

  @Test(arguments: components)
  func aComponentRunsItsOwnReleaseOrThatOfAll(components: JSONValue, release: MilvusRelease?) {
    #expect(MilvusVersion.release(of: .proxy, in: components) == release)
  }

  @Test(arguments: [
    (MilvusRelease(2, 3, 5), true), (MilvusRelease(2, 4, 23), true), (MilvusRelease(2, 5, 26), true),
    (MilvusRelease(2, 5, 27), false), (MilvusRelease(2, 6, 0), true), (MilvusRelease(2, 6, 9), true),
    (MilvusRelease(2, 6, 10), false), (MilvusRelease(3, 0, 0), false),
  ])
  func theMetricsPortAsksForNoPasswordBeforeTheReleasesThatMendedIt(release: MilvusRelease, isOpen: Bool) {
    typealias Fault = MilvusVersionTable.MetricsPortFault
    #expect(Fault.unauthenticated.affects(release) == isOpen)
    #expect(Fault.withoutPrivileges.affects(release) == !isOpen)
    #expect(Fault.openManagement.affects(release))
  }

  @Test(arguments: [
    ("v2.3.5", false), ("v2.4.0", true), ("v2.6.5", true), ("latest", true),
  ])
  func restHasVersion2Since24(tag: String, hasIt: Bool) throws {
    let world = World(spec: ["components": ["image": .string("milvusdb/milvus:\(tag)")]])
    #expect(ClientService(of: try #require(world.observation.milvus)).hasRESTVersion2 == hasIt)
  }

  // MARK: Messages

  @Test(arguments: [("v2.5.9", true), ("v2.6.0", false)])
  func aStreamingNodeWithoutInternalTLSIsExplained(tag: String, isExplained: Bool) throws {
    var world = World(
      annotations: ["tls.milvus.io/internal": "true"],
      spec: ["mode": "cluster", "components": ["image": .string("milvusdb/milvus:\(tag)"), "streamingNode": [:]]]
    )
    #expect(try world.settle())
    world.addPod("s", component: "streamingnode", address: "10.0.0.2")
    for endpoint in world.plan.evidence.handshakes?.endpoints ?? [] {
      world.observation.evidence.handshakes[endpoint.memoryKey] = .refuted(evidence: "plaintext")
    }
    #expect(try world.settle())
    let message = try #require(world.condition("Verified"))[2]
    #expect(message.hasSuffix("the streaming node has internal TLS since Milvus 2.6.0, this is 2.5.9") == isExplained)
  }

  /// A proxy of each release serves; the Milvus names the last.
  private func upgraded(_ annotations: [String: String], _ releases: String...) throws -> World {
    let image: JSONValue = .string("milvusdb/milvus:v\(releases.last ?? "")")
    var world = World(annotations: annotations, spec: ["mode": "cluster", "components": ["image": image]])
    #expect(try world.settle())
    for release in releases { world.addPod("proxy-\(release)", image: "milvusdb/milvus:v\(release)") }
    #expect(try world.settle())
    return world
  }

  @Test func anUpgradeDuringWhichRequestsFailIsNotedUntilItHasEnded() throws {
    let external = ["tls.milvus.io/external": "OneWay"]
    var world = try upgraded(external, "2.5.23", "2.6.11")
    let condition = try #require(world.condition("RequestsLost"))
    #expect(condition[0...1] == ["True", "MixedProxies"])
    #expect(condition[2].hasPrefix("1 proxy pod of Milvus 2.5 (proxy-2.5.23) and proxies of 2.6.11 serve side by side"))
    world.observation.pods.removeAll { $0.name == "proxy-2.5.23" }
    #expect(try world.settle())
    #expect(world.condition("RequestsLost")?.prefix(2) == ["False", "Resolved"])
    #expect(try !upgraded(external, "2.5.23", "2.6.12").notes("RequestsLost"))
    #expect(try !upgraded(external, "2.5.22", "2.5.23").notes("RequestsLost"))
    #expect(try !upgraded(["tls.milvus.io/internal": "true"], "2.5.23", "2.6.11").notes("RequestsLost"))
  }

  @Test func anUpgradeIsNotedBeforeTheFirstNewProxyServes() throws {
    var world = try upgraded(["tls.milvus.io/external": "OneWay"], "2.5.23")
    #expect(!world.notes("RequestsLost"))
    world.setMilvus { $0[JSONPointer(["spec", "components", "image"])] = "milvusdb/milvus:v2.6.5" }
    #expect(try world.settle())
    #expect(world.notes("RequestsLost"))
  }
}
