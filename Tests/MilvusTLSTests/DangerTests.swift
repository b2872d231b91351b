import Foundation
import JSON
import PKI
import Testing

@testable import MilvusTLS

/// What would take a Milvus in production down, and does not happen.
@Suite struct DangerTests {
  private let twoWay = ["tls.milvus.io/external": "TwoWay"]

  private func certificate(_ name: String, of milvus: String) throws -> CertManagerCertificate {
    try #require(
      CertManagerCertificate([
        "metadata": [
          "name": .string(name), "namespace": "default", "resourceVersion": "7",
          "labels": ["app.kubernetes.io/managed-by": "milvus-tls-operator", "tls.milvus.io/milvus": .string(milvus)],
        ], "spec": [:],
      ])
    )
  }

  private func issued(_ spec: JSONValue = [:]) -> World {
    var world = World()
    world.observation.certManager = .installed([:])
    world.addMilvusTLS([
      "metadata": ["name": "my-release"],
      "spec": spec.merging(["external": ["mode": "TwoWay"], "certificate": ["issuerRef": ["name": "ca"]]]),
    ])
    return world
  }

  // MARK: Names that others use

  @Test func aCertificateOfAnotherMilvusIsNotTakenOver() throws {
    var world = issued()
    world.keep(try certificate("certs", of: "other"))
    #expect(try world.settle())
    let names = world.actions.compactMap {
      if case .applyCertificate(let json, _) = $0 { json[path: "metadata", "name"]?.string } else { nil }
    }
    #expect(names == ["my-release-certs", "my-release-certs-client"])
  }

  @Test func aNamedCertificateOfAnotherMilvusIsAnObstacle() throws {
    var world = issued(["certificate": ["secretName": "certs"]])
    world.keep(try certificate("certs", of: "other"))
    #expect(try world.settle())
    #expect(world.condition("Ready") == ["False", "SecretInUse", "Certificate certs belongs to Milvus other"])
    #expect(world.actions.isEmpty)
  }

  @Test func aSecretThatAnotherMilvusUsesIsNotTakenByDefault() throws {
    var world = World(annotations: twoWay)
    try world.addForeignSecret("certs")
    world.observation.unmanagedSecretUsers["certs"] = "other"
    #expect(try world.settle())
    #expect(world.certificate(in: "my-release-certs") != nil)
    #expect(world.value("components", "volumes")?[0]?[path: "secret", "secretName"] == "my-release-certs")
  }

  @Test func certManagerDoesNotFillSomebodyElsesSecret() throws {
    var world = issued()
    try world.addForeignSecret("certs")
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "SecretInUse")
    #expect(world.actions.isEmpty)
  }

  @Test func twoClientsOfOneSecretAreRefusedAndNothingIsIssuedForEver() throws {
    var world = World(annotations: twoWay)
    #expect(try world.settle())
    world.observation.milvusTLS = []
    let clients: JSONValue = [
      ["name": "a", "secretName": "certs-client"], ["name": "b", "secretName": "certs-client"],
    ]
    world.addMilvusTLS([
      "metadata": ["name": "my-release"], "spec": ["external": ["mode": "TwoWay"], "clients": clients],
    ])
    let done = world.actions.count
    #expect(try world.settle())
    #expect(world.actions.count == done)
    #expect(world.condition("Ready")?[1] == "InvalidSpec")
  }

  // MARK: The image

  @Test(arguments: ["/milvus", "/milvus/configs", "/etc", "/usr/lib/x", "/tmp"])
  func aFolderThatTheImageNeedsIsNotMountedOver(folder: String) throws {
    let paths: JSONValue = [
      "serverPemPath": .string(folder + "/server.pem"), "serverKeyPath": .string(folder + "/server.key"),
      "caPemPath": .string(folder + "/ca.pem"),
    ]
    var world = World(annotations: ["tls.milvus.io/external": "OneWay"], spec: ["config": ["tls": paths]])
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Configured")
    let mounts = try #require(world.value("components", "volumeMounts")?.array)
    #expect(mounts.count == 3)
    #expect(mounts.allSatisfy { $0["mountPath"]?.string == folder + "/" + ($0["subPath"]?.string ?? "") })
    world.annotate("external", "Disabled")
    #expect(try world.settle())
    #expect(world.milvus["spec"] == ["config": ["tls": paths]])
  }

  @Test func aVolumeOfThatNameForSomethingElseStaysAsItIs() throws {
    let spec: JSONValue = [
      "components": [
        "volumes": [["name": "certs", "secret": ["secretName": "corporate-roots", "optional": true]]],
        "volumeMounts": [["name": "certs", "mountPath": "/etc/ssl/certs"]],
      ]
    ]
    var world = World(annotations: ["tls.milvus.io/external": "OneWay"], spec: spec)
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Configured")
    let volumes = world.milvus[path: "spec", "components", "volumes"]?.array ?? []
    #expect(volumes.first == spec[path: "components", "volumes"]?.array?.first)
    #expect(volumes.map { $0["name"] } == ["certs", "milvus-certs"])
    // A name that a person wrote does not give way.
    world = World(spec: spec)
    let specified: JSONValue = ["external": ["mode": "OneWay"], "mount": ["volumeName": "certs"]]
    world.addMilvusTLS(["metadata": ["name": "my-release"], "spec": specified])
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Conflict")
    #expect(world.observation.secrets.isEmpty)
  }

  @Test func labelsNamedVersionAreNoVersion() throws {
    let spec: JSONValue = ["components": ["podLabels": ["version": "1.2.0"], "podAnnotations": ["image": "x:1.0"]]]
    var world = World(annotations: ["tls.milvus.io/internal": "true"], spec: spec)
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Configured")
  }

  @Test func theDigestOfACertificateAndAConfigurationNeverChangesByItself() throws {
    // Another text rolls every Milvus that is configured, once: at an upgrade of the operator.
    let world = World(annotations: ["tls.milvus.io/external": "TwoWay", "tls.milvus.io/internal": "true"])
    let milvus = try #require(world.observation.milvus)
    let configuration = MilvusConfiguration(milvus)
    let spec = try MilvusTLSSpec(["external": ["mode": "TwoWay"], "internal": ["enabled": true]])
    let names = SecretNames(spec: spec, milvus: "my-release", mounted: nil, owner: { _ in nil })
    let intent = TLSIntent(spec: spec, milvus: milvus, authored: AuthoredTLS(), secrets: names, layout: .own)
    let requirements = TLSRequirements(intent, files: configuration.fileMounts(for: intent), isProvidedInPlace: false)
    #expect(try requirements.digest(certificates: "c") == "c-91a6551c7b08b484")
    #expect(
      try SecretFile.digest(of: [Array("a".utf8), Array("b".utf8)])
        == "29efd862964bb39dacc7a263c5db9f8187f6f7264ef9190b42aa8f3099bf9ad6"
    )
  }

  // MARK: TLS that is not asked to go

  @Test func aMilvusTLSThatSomebodyAppliedOnTheServerIsTheirs() throws {
    let object: JSONValue = [
      "metadata": [
        "name": "a", "namespace": "b", "uid": "c", "resourceVersion": "1",
        "labels": ["app.kubernetes.io/managed-by": "milvus-tls-operator"],
        "managedFields": [
          ["manager": "milvus-tls-operator", "operation": "Update", "fieldsV1": ["f:spec": [:]]],
          ["manager": "flux", "operation": "Apply", "fieldsV1": ["f:spec": ["f:external": [:]]]],
        ],
      ]
    ]
    #expect(ObservedMilvusTLS(object)?.isManaged == false)
    let own = object.merging([
      "metadata": [
        "managedFields": [["manager": "milvus-tls-operator", "operation": "Apply", "fieldsV1": ["f:spec": [:]]]]
      ]
    ])
    #expect(ObservedMilvusTLS(own)?.isManaged == true)
  }

  @Test func anAnnotationForTheOneTLSDoesNotTakeTheOtherOut() throws {
    var world = World()
    world.addMilvusTLS([
      "metadata": ["name": "my-release"], "spec": ["external": ["mode": "TwoWay"], "internal": ["enabled": true]],
    ])
    #expect(try world.settle())
    world.annotate("internal", "true")
    #expect(try world.settle())
    let before = world.milvus["spec"]
    world.observation.milvusTLS = []
    #expect(try world.settle())
    #expect(world.milvus["spec"] == before)
    #expect(world.plan.warning != nil)
    world.annotate("external", "Disabled")
    #expect(try world.settle())
    #expect(world.value("config", "common", "security") == ["internaltlsEnabled": true])
  }

  // MARK: What serves goes on serving

  @Test func certificatesInUseAreRenewedWhileAnIssuerIsRefused() throws {
    var world = World(annotations: twoWay)
    #expect(try world.settle())
    world.observation.milvusTLS = []
    world.observation.certManager = .installed([:])
    world.addMilvusTLS([
      "metadata": ["name": "my-release"],
      "spec": ["external": ["mode": "TwoWay"], "certificate": ["issuerRef": ["name": "ca"]]],
    ])
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "SecretInUse")
    try expectRenewal(&world)
  }

  @Test func certificatesInUseAreRenewedWhileAnotherSecretIsFaulty() throws {
    var world = World(annotations: twoWay)
    #expect(try world.settle())
    world.observation.milvusTLS = []
    try world.addForeignSecret("theirs", HandMade(hasForeignKey: true))
    world.addMilvusTLS([
      "metadata": ["name": "my-release"],
      "spec": ["external": ["mode": "TwoWay"], "certificate": ["secretName": "theirs"]],
    ])
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "SecretInvalid")
    try expectRenewal(&world)
  }

  private func expectRenewal(_ world: inout World) throws {
    let (certificate, spec) = (world.certificate(in: "certs"), world.milvus["spec"])
    world.observation.now += 8000 * 3600
    #expect(try world.settle())
    #expect(world.certificate(in: "certs") != certificate)
    let digest = JSONPointer(["components", "podAnnotations", "tls.milvus.io/certificate"])
    #expect(world.milvus["spec"]?[digest] != spec?[digest])
    #expect(world.milvus["spec"]?["config"] == spec?["config"])
  }

  @Test func newContentsOfOthersRollThePodsBesideAConflict() throws {
    var world = World(annotations: twoWay)
    try world.addForeignSecret("certs")
    #expect(try world.settle())
    world.setMilvus { $0[JSONPointer(["spec", "config", "common", "security", "tlsMode"])] = 0 }
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Conflict")
    let before = world.value("components", "podAnnotations")
    try world.addForeignSecret("certs")
    #expect(try world.settle())
    #expect(world.value("components", "podAnnotations") != before)
    #expect(world.value("config", "common", "security", "tlsMode") == 0)
  }

  // MARK: Ports

  @Test(arguments: [9091, 19529, 53100])
  func portsThatMilvusUsesItselfAreRefused(port: Int) throws {
    var world = World(
      annotations: ["tls.milvus.io/external": "OneWay"],
      spec: ["config": ["proxy": ["http": ["port": .integer(port)]]]]
    )
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Conflict")
  }

  @Test(arguments: ["True", "1", "t"])
  func whatGoReadsAsTrueIsTrue(text: String) throws {
    var world = World(spec: ["config": ["common": ["security": ["internaltlsEnabled": .string(text)]]]])
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Configured")
    #expect(world.value("config", "common", "security", "internaltlsEnabled") == .string(text))
  }
}
