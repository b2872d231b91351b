import Foundation
import JSON
import PKI
import Testing

@testable import MilvusTLS

@Suite struct HandMadeSecretTests {
  private let oneWay = ["tls.milvus.io/external": "OneWay"]
  private let both = ["tls.milvus.io/external": "TwoWay", "tls.milvus.io/internal": "true"]

  private func settled(
    _ hand: HandMade = HandMade(),
    keys: SecretLayout = .own,
    annotations: [String: String]? = nil,
    spec: JSONValue = [:]
  ) throws -> World {
    var world = World(annotations: annotations ?? both, spec: spec)
    try world.addForeignSecret("certs", hand, keys: keys)
    #expect(try world.settle())
    return world
  }

  @Test func aSecretMadeByHandIsUsedAndNothingIsIssued() throws {
    let world = try settled()
    #expect(world.condition("Ready")?.prefix(2) == ["True", "Configured"])
    #expect(world.observation.secrets.isEmpty)
    #expect(world.value("components", "volumes") == [["name": "certs", "secret": ["secretName": "certs"]]])
    let certificate = world.milvusTLS?.status.json["certificate"]
    #expect(certificate?["source"] == "Secret")
    #expect(certificate?["notAfter"]?.string == (World.now + 365 * 86400).kubernetesTime)
    #expect(certificate?["renewalTime"] == nil)
    #expect(world.plan == TLSPlan(wakeUp: world.plan.wakeUp))
  }

  @Test func keysOfATLSSecretAreMappedToTheFileNames() throws {
    let world = try settled(keys: ObservedSecret.kubernetesTLSLayout)
    let items: JSONValue = [
      ["key": "tls.crt", "path": "server.pem"], ["key": "tls.key", "path": "server.key"],
      ["key": "ca.crt", "path": "ca.pem"],
    ]
    #expect(
      world.value("components", "volumes") == [["name": "certs", "secret": ["secretName": "certs", "items": items]]]
    )
    #expect(world.value("config", "tls", "serverPemPath") == "/certs/server.pem")
  }

  @Test func aTLSSecretThatTheAuthorMountsWholeIsReadUnderItsKeys() throws {
    let spec: JSONValue = [
      "components": [
        "volumes": [["name": "tls", "secret": ["secretName": "certs"]]],
        "volumeMounts": [["name": "tls", "mountPath": "/milvus/tls"]],
      ]
    ]
    let release: JSONValue = [
      "metadata": ["name": "my-release"],
      "spec": ["external": ["mode": "OneWay"], "certificate": ["secretName": "certs"]],
    ]
    var world = World(spec: spec)
    try world.addForeignSecret("certs", keys: ObservedSecret.kubernetesTLSLayout)
    world.addMilvusTLS(release)
    #expect(try world.settle())
    #expect(world.value("config", "tls", "serverPemPath") == "/milvus/tls/tls.crt")
    #expect(world.value("config", "tls", "caPemPath") == "/milvus/tls/ca.crt")
    #expect(world.value("components", "volumes") == spec[path: "components", "volumes"])
    #expect(world.value("components", "volumeMounts") == spec[path: "components", "volumeMounts"])
  }

  @Test func oneWayTLSNeedsNoAuthority() throws {
    let keys: SecretLayout = [.certificate: "tls.crt", .privateKey: "tls.key"]
    let world = try settled(keys: keys, annotations: oneWay)
    #expect(world.condition("Ready")?[1] == "Configured")
    #expect(world.value("config", "tls", "caPemPath") == nil)
    #expect(try settled(keys: keys).condition("Ready")?[2].contains("the Secret has no ca.pem") == true)
  }

  static let faults: [(HandMade, String)] = [
    (HandMade(hasForeignKey: true), "server.key is not the private key of server.pem"),
    (HandMade(hasForeignAuthority: true), "server.pem is not verified by ca.pem"),
    (
      HandMade(names: ["localhost"]),
      "server.pem does not cover internaltls.sni (my-release-milvus.default.svc); its names are localhost"
    ),
    (HandMade(purpose: .client), "server.pem is no server certificate: its extendedKeyUsage lacks serverAuth"),
    (HandMade(validity: -200...(-100)), "server.pem expired at "),
    (HandMade(validity: 100...200), "server.pem is not valid before "),
  ]

  @Test(arguments: faults)
  func aFaultIsNamedAndTheMilvusIsLeftAlone(hand: HandMade, message: String) throws {
    var world = World(annotations: both)
    try world.addForeignSecret("certs", hand)
    let before = world.milvus
    #expect(try world.settle())
    #expect(world.milvus == before)
    let ready = try #require(world.condition("Ready"))
    #expect(ready[0...1] == ["False", "SecretInvalid"])
    #expect(ready[2].contains(message), "\(ready[2])")
    #expect(ready[2].components(separatedBy: "; ").count <= 2, "one fault, one finding: \(ready[2])")
  }

  @Test func everyFaultIsToldAtOnce() throws {
    let world = try settled(HandMade(names: ["localhost"], validity: -200...(-100), hasForeignKey: true))
    let message = try #require(world.condition("Ready")?[2])
    for part in ["is not the private key", "expired", "does not cover"] { #expect(message.contains(part)) }
  }

  @Test func withExternalTLSAloneOtherNamesAndAnotherAuthorityAreAWarning() throws {
    let world = try settled(HandMade(names: ["search.example.com"], hasForeignAuthority: true), annotations: oneWay)
    #expect(world.condition("Ready")?[0] == "True")
    let findings = try #require(world.condition("SecretFindings"))
    #expect(findings[2].contains("covers no name of Service my-release-milvus; its names are search.example.com"))
    #expect(findings[2].contains("not verified by ca.pem"))
  }

  @Test func theEndThatNobodyWillPutOffIsWarnedOfAMonthBefore() throws {
    var world = try settled()
    #expect(!world.notes("SecretFindings"))
    let warning = World.now + 335 * 86400
    #expect(world.plan.wakeUp == warning)
    world.observation.now = warning
    #expect(try world.settle())
    #expect(world.condition("SecretFindings")?[2].contains("is not renewed by this operator") == true)
    // Go takes a certificate to the end of its last second.
    let lastSecond = World.now + 365 * 86400
    world.observation.now = lastSecond
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Configured")
    #expect(world.plan.wakeUp == lastSecond + 1)
    world.observation.now = lastSecond + 1
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "SecretInvalid")
  }

  @Test func newContentsRollThePods() throws {
    var world = try settled()
    let place = JSONPointer(["spec", "components", "podAnnotations", "tls.milvus.io/certificate"])
    let before = world.milvus[place]
    try world.addForeignSecret("certs")
    #expect(try world.settle())
    #expect(world.milvus[place] != before)
    #expect(!world.notes("RestartPending"))
  }

  @Test func newContentsThatAreFaultyRollNothing() throws {
    var world = try settled()
    let before = world.milvus
    try world.addForeignSecret("certs", HandMade(hasForeignKey: true))
    #expect(try world.settle())
    #expect(world.milvus == before)
    #expect(world.condition("Ready")?[1] == "SecretInvalid")
  }

  @Test func withoutRestartsNewContentsAreOnlyTold() throws {
    var world = World()
    try world.addForeignSecret("certs")
    world.addMilvusTLS([
      "metadata": ["name": "my-release"], "spec": ["external": ["mode": "TwoWay"], "rotation": ["restart": false]],
    ])
    #expect(try world.settle())
    let before = world.milvus
    try world.addForeignSecret("certs")
    #expect(try world.settle())
    #expect(world.milvus == before)
    #expect(world.condition("RestartPending")?[0] == "True")
  }

  @Test func aSecretInUseThatGoesIsItsOwnersToMakeAgain() throws {
    var world = try settled()
    let before = world.milvus
    world.removeForeignSecret("certs")
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "SecretMissing")
    #expect(world.observation.secrets.isEmpty)
    try world.addForeignSecret("certs")
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Configured")
    #expect(world.milvus["spec"]?["config"] == before["spec"]?["config"])
  }

  @Test func itsSecretIsReadOnceAVersion() throws {
    var world = try settled()
    #expect(world.plan.actions.isEmpty)
    try world.addForeignSecret("certs")
    #expect(world.plan.actions == [.lookUp(["certs"])])
  }

  @Test func aKeyInPlaceOfACertificateIsAFault() throws {
    var world = World(annotations: oneWay)
    let files = try HandMade().files()
    world.addSecret(
      "certs",
      role: nil,
      data: ["server.pem": files[.privateKey] ?? "", "server.key": files[.certificate] ?? ""]
    )
    #expect(try world.settle())
    let message = try #require(world.condition("Ready")?[2])
    #expect(message.contains("server.pem holds a private key instead of a certificate"))
    #expect(message.contains("server.key holds a certificate instead of a private key"))
    #expect(!message.contains("BEGIN"))
  }
}
