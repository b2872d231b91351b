import Foundation
import JSON
import Testing

@testable import MilvusTLS

/// What a Milvus asks for by annotation, by its own configuration and by a MilvusTLS, and what happens when they
/// disagree.
@Suite struct RequestTests {
  private let ownOneWay: JSONValue = ["config": ["common": ["security": ["tlsMode": 1]]]]

  @Test func itsOwnConfigurationIsARequestThatIsCompleted() throws {
    var world = World(spec: ["config": ["common": ["security": ["tlsMode": 1, "internaltlsEnabled": true]]]])
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Configured")
    #expect(world.milvusTLS?.spec == ["external": ["mode": "OneWay"], "internal": ["enabled": true]])
    #expect(world.value("config", "tls", "caPemPath") == "/certs/ca.pem")
    #expect(world.value("config", "internaltls", "sni") == "my-release-milvus.default.svc")
    #expect(world.certificate(in: "certs") != nil)
  }

  @Test func whatTheOperatorAddedIsNoRequest() throws {
    var world = World(annotations: ["tls.milvus.io/external": "OneWay"])
    #expect(try world.settle())
    world.annotate("external", "Disabled")
    #expect(try world.settle())
    #expect(world.milvus["spec"] == [:])
    #expect(world.condition("Ready")?[1] == "Disabled")
  }

  @Test func anAnnotationThatIsRemovedLeavesTLSOnRenewedAndWarnsByItsName() throws {
    var world = World(annotations: ["tls.milvus.io/external": "OneWay", "tls.milvus.io/internal": "true"])
    #expect(try world.settle())
    let before = world.milvus["spec"]
    world.annotate("external", nil)
    #expect(try world.settle())
    #expect(world.milvus["spec"] == before)
    #expect(world.condition("AnnotationsMissing")?.prefix(2) == ["True", "AnnotationRemoved"])
    let message = try #require(world.condition("AnnotationsMissing")?[2])
    #expect(message.contains("tls.milvus.io/external=Disabled") && !message.contains("tls.milvus.io/internal"))
    let certificate = world.certificate(in: "certs")
    world.observation.now += 8000 * 3600
    #expect(try world.settle())
    #expect(world.certificate(in: "certs") != certificate)
    world.annotate("external", "OneWay")
    #expect(try world.settle())
    #expect(!world.notes("AnnotationsMissing"))
    world.annotate("internal", "false")
    #expect(try world.settle())
    #expect(world.value("config", "common", "security") == ["tlsMode": 1])
  }

  @Test func anAnnotationLeavesToTheConfigurationWhatItDoesNotSay() throws {
    var world = World(annotations: ["tls.milvus.io/internal": "true"], spec: ownOneWay)
    #expect(try world.settle())
    #expect(world.milvusTLS?.status.json["external"] == "OneWay")
    #expect(world.milvusTLS?.status.json["internal"] == true)
    #expect(world.value("config", "tls", "serverPemPath") == "/certs/server.pem")
  }

  @Test func aMilvusTLSLeavesToTheConfigurationWhatItDoesNotSay() throws {
    var world = World(spec: ownOneWay)
    world.addMilvusTLS(["metadata": ["name": "my-release"], "spec": ["internal": ["enabled": true]]])
    #expect(try world.settle())
    #expect(world.milvusTLS?.status.json["external"] == "OneWay")
    #expect(world.condition("Ready")?[1] == "Configured")
  }

  static let disagreements: [(String, String, String)] = [
    ("external", "Disabled", "spec.config.common.security.tlsMode is 1, must be 0 for external TLS Disabled"),
    ("external", "TwoWay", "spec.config.common.security.tlsMode is 1, must be 2 for external TLS TwoWay"),
  ]

  @Test(arguments: disagreements)
  func anAnnotationThatSaysOtherwiseIsAConflictWithBothValues(name: String, value: String, message: String) throws {
    var world = World(annotations: ["tls.milvus.io/" + name: value], spec: ownOneWay)
    let before = world.milvus
    #expect(try world.settle())
    #expect(world.condition("Ready") == ["False", "Conflict", message])
    #expect(world.milvus == before)
  }

  @Test func annotationsBesideAPersonsMilvusTLSAreNamedWithTheirValues() throws {
    var world = World(annotations: ["tls.milvus.io/external": "TwoWay"])
    world.addMilvusTLS([
      "metadata": ["name": "mine"], "spec": ["milvusRef": ["name": "my-release"], "external": ["mode": "OneWay"]],
    ])
    #expect(try world.settle())
    #expect(world.value("config", "common", "security", "tlsMode") == 1)
    #expect(
      world.condition("AnnotationsIgnored")?[2]
        == "Annotations ignored because MilvusTLS mine exists: tls.milvus.io/external: \"TwoWay\""
    )
  }

  @Test func ofTwoMilvusTLSTheOlderWinsAndTheNewerSaysSo() throws {
    var world = World()
    world.addMilvusTLS([
      "metadata": ["name": "older"], "spec": ["milvusRef": ["name": "my-release"], "external": ["mode": "OneWay"]],
    ])
    world.observation.now += 10
    world.addMilvusTLS([
      "metadata": ["name": "a-newer"], "spec": ["milvusRef": ["name": "my-release"], "external": ["mode": "TwoWay"]],
    ])
    #expect(try world.settle())
    #expect(world.value("config", "common", "security", "tlsMode") == 1)
    #expect(world.condition("Ready", of: "older")?[0] == "True")
    #expect(
      world.condition("Ready", of: "a-newer") == [
        "False", "Superseded", "MilvusTLS older already applies to Milvus my-release",
      ]
    )
  }

  @Test func keysThatMilvusIgnoresAreToldWithTheirPlace() throws {
    let spec: JSONValue = [
      "config": ["common": ["tls": ["serverPemPath": "/x/server.pem"], "security": ["tlsMode": 1]]]
    ]
    var world = World(spec: spec)
    #expect(try world.settle())
    #expect(
      world.condition("Misplaced")?[2] == "spec.config.common.tls is ignored by Milvus; its place is spec.config.tls"
    )
    #expect(world.value("config", "tls", "serverPemPath") == "/certs/server.pem")
    #expect(world.value("config", "common", "tls") == ["serverPemPath": "/x/server.pem"], "theirs stays")
  }

  // MARK: Versions

  static let versions: [(JSONValue, String?)] = [
    (["version": "2.4.9"], "UnsupportedVersion"), (["image": "milvusdb/milvus:v2.4.17-gpu"], "UnsupportedVersion"),
    (["image": "registry.example.com:5000/milvus:2.3"], "UnsupportedVersion"),
    (["version": "v2.5.0", "image": "milvusdb/milvus:v2.3.0"], nil),
    (["image": "milvus:v2.4.1@sha256:00"], "UnsupportedVersion"),
    (["image": "milvusdb/milvus:v2.5.4"], nil), (["version": "3.0"], nil), (["image": "milvus:2.5-20250101-abc"], nil),
    (["queryNode": ["image": "milvusdb/milvus:v2.4.0"]], "UnsupportedVersion"), ([:], nil),
    (["image": "milvusdb/milvus:latest"], "VersionAssumed"),
    (["image": "milvus:master-20250101-abc"], "VersionAssumed"),
    (["image": "milvus@sha256:00"], "VersionAssumed"),
    (["image": "registry.example.com:5000/milvus"], "VersionAssumed"),
  ]

  @Test(arguments: versions)
  func internalTLSNeedsMilvus25(components: JSONValue, finding: String?) throws {
    var world = World(
      annotations: ["tls.milvus.io/internal": "true"],
      spec: ["mode": "cluster", "components": components]
    )
    let before = world.milvus
    #expect(try world.settle())
    if finding == "UnsupportedVersion" {
      #expect(world.condition("Ready")?[1] == finding)
      #expect(world.milvus == before)
    } else {
      #expect(world.condition("Ready")?[1] == "Configured")
      #expect(world.condition("VersionAssumed")?[0] == finding.map { _ in "True" })
    }
  }

  @Test func theVersionDoesNotMatterToExternalTLS() throws {
    var world = World(annotations: ["tls.milvus.io/external": "OneWay"], spec: ["components": ["version": "2.3.5"]])
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Configured")
  }
}
