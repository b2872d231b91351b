import Foundation
import JSON
import Testing

@testable import MilvusTLS

/// How TLS is taken out again, and what becomes of fields that others take out.
@Suite struct DisableTests {
  private let spec: JSONValue = [
    "mode": "cluster",
    "components": [
      "volumes": [["name": "data", "emptyDir": [:]]], "proxy": ["volumes": [["name": "own", "emptyDir": [:]]]],
    ],
  ]

  private func enabled() throws -> World {
    var world = World(annotations: ["tls.milvus.io/external": "TwoWay"], spec: spec)
    #expect(try world.settle())
    return world
  }

  @Test func aMountIsMarkedForRemovalUntilThePodsRunWithoutIt() throws {
    var world = try enabled()
    world.holdsRollouts = true
    world.addPod("old")
    world.annotate("external", "Disabled")
    #expect(try world.settle())
    #expect(world.value("components", "volumeMounts") == [["name": "_remove", "mountPath": "/certs"]])
    #expect(world.value("components", "volumes") == spec[path: "components", "volumes"])
    #expect(world.value("config") == nil)
    #expect(world.condition("Ready")?[1] == "Disabled")
    #expect(world.observation.secrets["certs"] != nil, "the pod templates go on naming it")
    // Told, but with a pod of the former template.
    world.holdsRollouts = false
    world.setMilvus { _ in }
    #expect(try world.settle())
    #expect(world.value("components", "volumeMounts")?.array?.count == 1)
    world.observation.pods = []
    #expect(try world.settle())
    #expect(world.milvus["spec"] == spec)
    #expect(world.milvus[path: "metadata", "annotations"] == ["tls.milvus.io/external": "Disabled"])
  }

  @Test func enablingAgainTakesTheMarkOut() throws {
    var world = try enabled()
    let before = world.milvus["spec"]
    world.holdsRollouts = true
    world.annotate("external", "Disabled")
    #expect(try world.settle())
    world.annotate("external", "TwoWay")
    #expect(try world.settle())
    #expect(world.milvus["spec"] == before)
  }

  @Test func editsSinceThenStay() throws {
    var world = try enabled()
    world.setMilvus { milvus in
      milvus[JSONPointer(["spec", "config", "tls", "minVersion"])] = "1.3"
      milvus[JSONPointer(["spec", "components", "proxy", "replicas"])] = 3
      milvus[JSONPointer(["spec", "config", "proxy", "http", "port"])] = 9000
    }
    world.annotate("external", "Disabled")
    #expect(try world.settle())
    var wanted = spec
    wanted[JSONPointer(["config", "tls", "minVersion"])] = "1.3"
    wanted[JSONPointer(["config", "proxy", "http", "port"])] = 9000
    wanted[JSONPointer(["components", "proxy", "replicas"])] = 3
    #expect(world.milvus["spec"] == wanted)
  }

  // MARK: Fields that others take out

  private func revert(_ world: inout World) {
    world.setMilvus { $0[JSONPointer(["spec", "components", "volumes"])] = spec[path: "components", "volumes"] }
  }

  @Test func fieldsTakenOutArePutBackTwice() throws {
    var world = try enabled()
    let configured = world.milvus["spec"]
    for count in 1...2 {
      revert(&world)
      #expect(try world.settle())
      #expect(world.milvus["spec"] == configured)
      #expect(world.milvusTLS?.status.json[path: "reversions", "count"]?.integer == count)
    }
    #expect(world.condition("Ready")?[0] == "True")
  }

  private func reverted(_ times: Int, every seconds: TimeInterval) throws -> World {
    var world = try enabled()
    for _ in 0..<times {
      world.observation.now += seconds
      revert(&world)
      #expect(try world.settle())
    }
    return world
  }

  @Test func theThirdTimeInTenMinutesTheOperatorStandsBackAndSaysWhatToSet() throws {
    var world = try reverted(3, every: 100)
    let ready = try #require(world.condition("Ready"))
    #expect(ready[0...1] == ["False", "FieldsReverted"])
    #expect(ready[2].contains("/spec/components/volumes"))
    #expect(ready[2].contains("spec.ignoreDifferences"))
    #expect(world.value("components", "volumes") == spec[path: "components", "volumes"])
    #expect(world.plan.actions.isEmpty)
    // An hour later it tries once, and stands back for two.
    world.observation.now += 3600
    #expect(try world.settle())
    #expect(world.condition("Ready")?[0] == "True")
    revert(&world)
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "FieldsReverted")
    world.observation.now += 3700
    #expect(world.plan.actions.isEmpty)
    world.observation.now += 3600
    #expect(!world.plan.actions.isEmpty)
  }

  @Test func aSlowFightEndsToo() throws {
    #expect(try reverted(9, every: 700).condition("Ready")?[0] == "True")
    #expect(try reverted(10, every: 700).condition("Ready")?[1] == "FieldsReverted")
    #expect(try reverted(10, every: 3 * 86400).condition("Ready")?[0] == "True")
  }

  @Test func reversalsFarApartAreNoFight() throws {
    #expect(try reverted(5, every: 700).condition("Ready")?[0] == "True")
  }

  @Test func aMilvusReplacedWholeCountsToo() throws {
    var world = try enabled()
    for _ in 0..<3 {
      world.setMilvus { milvus in
        milvus["spec"] = spec
        milvus[JSONPointer(["metadata", "annotations", "tls.milvus.io/applied"])] = nil
      }
      #expect(try world.settle())
    }
    #expect(world.condition("Ready")?[1] == "FieldsReverted")
    #expect(world.milvus["spec"] == spec)
  }

  @Test func aChangedSpecificationBeginsAnew() throws {
    var world = try reverted(3, every: 100)
    world.annotate("external", "OneWay")
    #expect(try world.settle())
    #expect(world.condition("Ready")?[0] == "True")
  }
}
