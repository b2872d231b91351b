import Foundation
import JSON
import Testing

@testable import MilvusTLS

@Suite struct MilvusConfigurationTests {
  private func patched(_ spec: JSONValue, annotations: [String: String]) throws -> World {
    var world = World(annotations: annotations, spec: spec)
    #expect(try world.settle())
    return world
  }

  private let oneWay = ["tls.milvus.io/external": "OneWay"]
  private let twoWay = ["tls.milvus.io/external": "TwoWay"]
  private let `internal` = ["tls.milvus.io/internal": "true"]
  private let digestKey = "tls.milvus.io/certificate"

  @Test func externalTLSOnAnEmptyMilvusIsTheManualsConfiguration() throws {
    let world = try patched([:], annotations: twoWay)
    let digest = try #require(world.milvus[path: "spec", "components", "podAnnotations"]?[digestKey]?.string)
    #expect(digest.count == 64 + 1 + 16)
    #expect(
      world.milvus["spec"] == [
        "config": [
          "proxy": ["http": ["port": 8080]], "common": ["security": ["tlsMode": 2]],
          "tls": [
            "serverPemPath": "/certs/server.pem", "serverKeyPath": "/certs/server.key", "caPemPath": "/certs/ca.pem",
          ],
        ],
        "components": [
          "volumes": [["name": "certs", "secret": ["secretName": "certs"]]],
          "volumeMounts": [["name": "certs", "mountPath": "/certs", "readOnly": true]],
          "podAnnotations": [digestKey: .string(digest)], "standalone": ["serviceRestfulPort": 8080],
        ],
      ]
    )
  }

  @Test func internalTLSOnAClusterIsTheManualsConfiguration() throws {
    let world = try patched(["mode": "cluster"], annotations: `internal`)
    #expect(
      world.milvus[path: "spec", "config"] == [
        "common": ["security": ["internaltlsEnabled": true]],
        "internaltls": [
          "serverPemPath": "/certs/server.pem", "serverKeyPath": "/certs/server.key", "caPemPath": "/certs/ca.pem",
          "sni": "my-release-milvus.default.svc",
        ],
      ]
    )
    #expect(world.milvus[path: "spec", "components", "proxy"] == nil)
  }

  @Test func aClusterServesRESTThroughItsProxy() throws {
    let world = try patched(["mode": "cluster"], annotations: oneWay)
    #expect(world.milvus[path: "spec", "components", "proxy", "serviceRestfulPort"] == 8080)
  }

  @Test func whatTheAuthorWroteStaysAndIsNotTakenBack() throws {
    let spec: JSONValue = [
      "config": ["proxy": ["http": ["port": 9999]]],
      "components": [
        "volumes": [["name": "data", "emptyDir": [:]], ["name": "tls", "secret": ["secretName": "certs"]]],
        "volumeMounts": [["name": "tls", "mountPath": "/certs"]], "standalone": ["serviceRestfulPort": 1234],
      ],
    ]
    var world = try patched(spec, annotations: oneWay)
    #expect(world.milvus[path: "spec", "config", "proxy", "http", "port"] == 9999)
    #expect(world.milvus[path: "spec", "components", "volumes"] == spec[path: "components", "volumes"])
    #expect(world.milvus[path: "spec", "components", "volumeMounts"] == spec[path: "components", "volumeMounts"])
    #expect(world.milvus[path: "spec", "components", "standalone", "serviceRestfulPort"] == 1234)
    world.setMilvus { $0[JSONPointer(["metadata", "annotations", "tls.milvus.io/external"])] = "Disabled" }
    #expect(try world.settle())
    #expect(world.milvus["spec"] == spec)
  }

  @Test func theMountGoesWhereTheAuthorsPathsPoint() throws {
    let world = try patched(
      ["config": ["tls": ["serverPemPath": "/milvus/tls/server.pem"]]],
      annotations: oneWay
    )
    #expect(world.milvus[path: "spec", "components", "volumeMounts"]?[0]?["mountPath"] == "/milvus/tls")
    #expect(world.milvus[path: "spec", "config", "tls", "caPemPath"] == "/milvus/tls/ca.pem")
  }

  @Test func aComponentWithVolumesOfItsOwnGetsTheVolumeToo() throws {
    let world = try patched(
      [
        "components": [
          "futureNode": ["volumes": [["name": "data", "emptyDir": [:]]]], "proxy": ["replicas": 1],
          "queryNode": ["volumes": []],
        ]
      ],
      annotations: oneWay
    )
    let certs: JSONValue = ["name": "certs", "secret": ["secretName": "certs"]]
    #expect(
      world.milvus[path: "spec", "components", "futureNode", "volumes"] == [["name": "data", "emptyDir": [:]], certs]
    )
    #expect(world.milvus[path: "spec", "components", "volumes"] == [certs])
    #expect(world.milvus[path: "spec", "components", "proxy"] == ["replicas": 1])
    // An empty list replaces nothing; with one element in it, it would take the other global volumes away.
    #expect(world.milvus[path: "spec", "components", "queryNode"] == ["volumes": []])
  }

  static let conflicts: [(JSONValue, String, String)] = [
    (["config": ["common": ["security": ["tlsMode": 0]]]], "spec.config.common.security.tlsMode", "0"),
    (["config": ["tls": ["caPemPath": "ca.pem"]]], "spec.config.tls.caPemPath", "ca.pem"),
    (["config": ["tls": "off"]], "spec.config.tls", "off"),
    (["config": ["tls": ["serverPemPath": "/server.pem"]]], "spec.config.tls.serverPemPath", "/server.pem"),
    (["config": ["proxy": ["http": ["port": 19530]]]], "spec.config.proxy.http.port", "19530"),
    (["config": ["proxy": ["http": ["port": [:]]]]], "spec.config.proxy.http.port", "{}"),
    (
      ["components": ["standalone": ["volumeMounts": [["name": "own", "mountPath": "/certs"]]]]],
      "spec.components.standalone.volumeMounts", "own"
    ),
    (
      [
        "config": ["tls": ["serverPemPath": "/certs/server.pem"]],
        "components": [
          "volumes": [["name": "other", "emptyDir": [:]]], "volumeMounts": [["name": "other", "mountPath": "/certs"]],
        ],
      ],
      "spec.components.volumeMounts", "other"
    ),
  ]

  @Test func aPortWrittenAsTextIsANumberInTheService() throws {
    let world = try patched(["config": ["proxy": ["http": ["port": "8081"]]]], annotations: oneWay)
    #expect(world.milvus[path: "spec", "components", "standalone", "serviceRestfulPort"] == 8081)
  }

  @Test func objectsAndListsThatTheAuthorLeftEmptyComeBack() throws {
    let spec: JSONValue = ["config": ["proxy": ["http": [:]], "tls": [:]], "components": ["volumes": []]]
    var world = try patched(spec, annotations: oneWay)
    world.setMilvus { $0[JSONPointer(["metadata", "annotations", "tls.milvus.io/external"])] = "Disabled" }
    #expect(try world.settle())
    #expect(world.milvus["spec"] == spec)
  }

  @Test func podsAreRolledWhenTheConfigurationChangesAndTheCertificateDoesNot() throws {
    var world = try patched([:], annotations: oneWay)
    let digest = { (world: World) in world.milvus[path: "spec", "components", "podAnnotations"]?[digestKey]?.string }
    let before = try #require(digest(world))
    world.setMilvus { $0[JSONPointer(["metadata", "annotations", "tls.milvus.io/internal"])] = "true" }
    #expect(try world.settle())
    let after = try #require(digest(world))
    #expect(after != before)
    #expect(after.prefix(64) == before.prefix(64))
    #expect(world.milvusTLS?.status.json[path: "certificate", "digest"]?.string == after)
  }

  @Test func certificatesAreRenewedAndPodsRolledBesideAConflict() throws {
    var world = try patched([:], annotations: oneWay)
    world.setMilvus { $0[JSONPointer(["spec", "config", "common", "security", "tlsMode"])] = 0 }
    #expect(try world.settle())
    let (certificate, milvus) = (world.certificate(in: "certs"), world.milvus)
    world.observation.now += 8000 * 3600
    #expect(try world.settle())
    #expect(world.certificate(in: "certs") != certificate)
    let place = JSONPointer(["spec", "components", "podAnnotations", digestKey])
    #expect(world.milvus[place] != milvus[place])
    #expect(world.milvus["spec"]?["config"] == milvus["spec"]?["config"], "nothing else is touched")
    #expect(world.condition("Ready")?[1] == "Conflict")
  }

  @Test func certificatesAreRenewedBesideAnInvalidAnnotation() throws {
    var world = try patched([:], annotations: oneWay)
    world.setMilvus { $0[JSONPointer(["metadata", "annotations", "tls.milvus.io/external"])] = "maybe" }
    #expect(try world.settle())
    let certificate = world.certificate(in: "certs")
    world.observation.now += 8000 * 3600
    #expect(try world.settle())
    #expect(world.certificate(in: "certs") != certificate)
    #expect(world.condition("Ready")?[1] == "InvalidAnnotation")
  }

  @Test(arguments: conflicts)
  func aContradictionIsNamedAndNothingIsWritten(spec: JSONValue, field: String, found: String) throws {
    var world = World(annotations: oneWay, spec: spec)
    let before = world.milvus
    #expect(try world.settle())
    #expect(world.milvus == before)
    #expect(world.observation.secrets.isEmpty)
    let ready = try #require(world.condition("Ready"))
    #expect(ready[0...1] == ["False", "Conflict"])
    #expect(ready[2].contains(field + " is ") || ready[2].contains(field + " ("))
    #expect(ready[2].contains(found))
  }

  @Test func aPortThatSpecAndMilvusBothNameDifferentlyIsAConflict() throws {
    var world = World(spec: ["config": ["proxy": ["http": ["port": 9999]]]])
    world.addMilvusTLS([
      "metadata": ["name": "my-release"], "spec": ["external": ["mode": "OneWay", "restPort": 8443]],
    ])
    #expect(try world.settle())
    #expect(
      world.condition("Ready")?[2] == "spec.config.proxy.http.port is 9999, must be 8443 for spec.external.restPort"
    )
  }

  @Test func restPortZeroSwitchesRESTOff() throws {
    var world = World()
    world.addMilvusTLS([
      "metadata": ["name": "my-release"], "spec": ["external": ["mode": "OneWay", "restPort": 0]],
    ])
    #expect(try world.settle())
    #expect(world.milvus[path: "spec", "config", "proxy"] == ["http": ["enabled": false]])
    #expect(world.milvus[path: "spec", "components", "standalone"] == nil)
  }

  @Test func aUsersLaterEditOfAnAddedValueIsTheirsAndAConflict() throws {
    var world = try patched([:], annotations: oneWay)
    world.setMilvus { $0[JSONPointer(["spec", "config", "common", "security", "tlsMode"])] = 0 }
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Conflict")
    #expect(world.milvus[path: "spec", "config", "common", "security", "tlsMode"] == 0)
  }

  @Test func aPathThatAUserEditsLaterMovesTheMountThere() throws {
    var world = try patched([:], annotations: oneWay)
    world.setMilvus { $0[JSONPointer(["spec", "config", "tls", "caPemPath"])] = "/elsewhere/ca.pem" }
    #expect(try world.settle())
    #expect(world.milvus[path: "spec", "config", "tls", "serverPemPath"] == "/elsewhere/server.pem")
    #expect(world.milvus[path: "spec", "components", "volumeMounts"]?.array?.count == 1)
    #expect(world.milvus[path: "spec", "components", "volumeMounts"]?[0]?["mountPath"] == "/elsewhere")
  }

  @Test func elementsAddedLaterByOthersLeaveNothingToDo() throws {
    var world = try patched([:], annotations: oneWay)
    world.setMilvus { milvus in
      let volumes = JSONPointer(["spec", "components", "volumes"])
      milvus[volumes] = .array((milvus[volumes]?.array ?? []) + [["name": "later", "emptyDir": [:]]])
    }
    #expect(world.plan.actions.isEmpty)
  }

  @Test func everyPatchCarriesTheVersionItWasMadeFor() throws {
    let world = try patched([:], annotations: oneWay)
    let patches = world.actions.compactMap { if case .patchMilvus(let patch, _) = $0 { patch } else { nil } }
    #expect(patches.count == 1)
    #expect(patches.first?[path: "metadata", "resourceVersion"]?.string?.isEmpty == false)
  }
}
