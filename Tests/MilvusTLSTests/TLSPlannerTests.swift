import Foundation
import JSON
import Testing

@testable import MilvusTLS

@Suite struct TLSPlannerTests {
  let both = ["tls.milvus.io/external": "TwoWay", "tls.milvus.io/internal": "true"]

  @Test func aMilvusThatAsksForNothingIsLeftAlone() {
    let world = World(annotations: ["other.io/x": "y"], spec: ["config": ["tls": ["serverPemPath": "/x"]]])
    #expect(world.plan == TLSPlan())
  }

  @Test func annotationsLeadToMilvusTLSThenAuthorityThenLeavesThenTheMilvus() throws {
    var world = World(annotations: both)
    #expect(try world.settle())
    let steps = world.actions.map { action in
      switch action {
      case .createMilvusTLS: "MilvusTLS"
      case .updateMilvusTLS: "update"
      case .writeCertificate(let write): write.desired.secretName
      case .patchMilvus: "Milvus"
      default: "other"
      }
    }
    #expect(steps == ["MilvusTLS", "certs-ca", "certs", "certs-client", "Milvus"])
    #expect(world.condition("Ready")?.prefix(2) == ["True", "Configured"])
    #expect(world.milvusTLS?.spec == ["external": ["mode": "TwoWay"], "internal": ["enabled": true]])
  }

  @Test func aSecondPassOverAFinishedResourceHasNothingToDo() throws {
    var world = World(annotations: both)
    #expect(try world.settle())
    world.addPod("a", log: .confirmed(evidence: "x"))
    #expect(try world.settle())
    let plan = world.plan
    #expect(plan.actions.isEmpty)
    #expect(plan.statuses.isEmpty)
    #expect(plan.evidence.logs.isEmpty)
  }

  @Test(arguments: ["maybe", "oneway", ""])
  func anUnknownModeMakesAConditionThatNamesAnnotationAndValuesAndNothingElse(value: String) throws {
    var world = World(annotations: ["tls.milvus.io/external": value])
    let before = world.milvus
    #expect(try world.settle())
    #expect(world.milvus == before)
    #expect(world.observation.secrets.isEmpty)
    let ready = try #require(world.condition("Ready"))
    #expect(ready[0...1] == ["False", "InvalidAnnotation"])
    #expect(ready[2] == "annotation tls.milvus.io/external: \"\(value)\" is not one of Disabled, OneWay, TwoWay")
  }

  @Test func anAnnotationThatTurnsInvalidChangesNothingThatIsInPlace() throws {
    var world = World(annotations: both)
    #expect(try world.settle())
    world.setMilvus { $0[JSONPointer(["metadata", "annotations", "tls.milvus.io/internal"])] = "yes" }
    let (milvus, secrets, done) = (world.milvus, world.observation.secrets, world.actions.count)
    #expect(try world.settle())
    #expect(world.milvus == milvus)
    #expect(world.observation.secrets == secrets)
    #expect(world.actions.count == done)
    #expect(world.condition("Ready")?[1] == "InvalidAnnotation")
    #expect(world.condition("Ready")?[2].contains("true, false") == true)
  }

  @Test func aChangedAnnotationChangesWhatTheOperatorSetBefore() throws {
    var world = World(annotations: ["tls.milvus.io/external": "OneWay"])
    #expect(try world.settle())
    world.setMilvus { $0[JSONPointer(["metadata", "annotations", "tls.milvus.io/external"])] = "TwoWay" }
    #expect(try world.settle())
    #expect(world.milvus[path: "spec", "config", "common", "security", "tlsMode"] == 2)
    #expect(world.condition("Ready")?.prefix(2) == ["True", "Configured"])
  }

  @Test func disablingTakesBackExactlyWhatWasAdded() throws {
    let spec: JSONValue = [
      "mode": "cluster", "config": ["common": ["security": ["authorizationEnabled": true]]],
      "components": ["volumes": [["name": "data", "emptyDir": [:]]], "proxy": ["replicas": 2]],
    ]
    var world = World(annotations: both, spec: spec)
    #expect(try world.settle())
    #expect(world.milvus["spec"] != spec)
    world.annotate("external", "Disabled")
    world.annotate("internal", "false")
    #expect(try world.settle())
    #expect(world.milvus["spec"] == spec)
    #expect(world.milvus[path: "metadata", "annotations", "tls.milvus.io/applied"] == nil)
    #expect(world.condition("Ready")?.prefix(2) == ["True", "Disabled"])
    #expect(Set(world.observation.secrets.keys) == ["certs-ca", "certs", "certs-client"])
  }

  @Test func aMilvusTLSThatAPersonWroteDecidesAndAnnotationsDoNot() throws {
    var world = World(annotations: ["tls.milvus.io/external": "maybe"])
    world.addMilvusTLS([
      "metadata": ["name": "mine"],
      "spec": ["milvusRef": ["name": "my-release"], "external": ["mode": "OneWay"]],
    ])
    #expect(try world.settle())
    #expect(world.milvus[path: "spec", "config", "common", "security", "tlsMode"] == 1)
    #expect(world.condition("Ready")?[1] == "Configured")
    #expect(world.condition("AnnotationsIgnored")?[2].contains("because MilvusTLS mine exists") == true)
    world.setMilvus { $0[JSONPointer(["metadata", "annotations"])] = [:] }
    #expect(try world.settle())
    #expect(!world.notes("AnnotationsIgnored"))
  }

  @Test func aMilvusTLSWithoutItsMilvusSaysSo() throws {
    var world = World()
    world.addMilvusTLS(["metadata": ["name": "mine"], "spec": ["milvusRef": ["name": "absent"]]])
    world.observation.milvus = nil
    #expect(try world.settle())
    #expect(world.condition("Ready")?.prefix(2) == ["False", "MilvusNotFound"])
  }

  @Test func aMilvusThatIsBeingDeletedIsLeftAlone() throws {
    var world = World(annotations: both)
    world.setMilvus { $0[JSONPointer(["metadata", "deletionTimestamp"])] = "2026-01-01T00:00:00Z" }
    #expect(world.plan == TLSPlan())
  }

  static let impossibleSpecs: [(JSONValue, String)] = [
    (["certificate": ["duration": "0h"]], "spec.certificate.duration"),
    (["certificate": ["duration": "1d"]], "spec.certificate.duration"),
    (["certificate": ["duration": "59m"]], "1h"), (["certificate": ["duration": "99999999h"]], "876000h"),
    (["authority": ["duration": "8760h"]], "spec.authority.duration"),
    (["certificate": ["duration": "10h", "renewBefore": "10h"]], "spec.certificate.renewBefore"),
    (["certificate": ["privateKey": ["algorithm": "ECDSA", "size": 2048]]], "256 or 384"),
    (["certificate": ["dnsNames": ["not a name"]]], "not a name"),
    (["certificate": ["ipAddresses": ["1.2.3"]]], "1.2.3"),
    (["certificate": ["commonName": "Milvus Server"]], "Milvus Server"),
    (["clients": [["name": "a", "secretName": "certs"]]], "certs is named more than once"),
  ]

  @Test(arguments: impossibleSpecs)
  func aSpecThatCannotBeMetIsRefusedByNameAndWritesNothing(spec: JSONValue, text: String) throws {
    var world = World()
    world.addMilvusTLS([
      "metadata": ["name": "my-release"], "spec": spec.merging(["external": ["mode": "OneWay"]]),
    ])
    #expect(try world.settle())
    #expect(world.actions.isEmpty)
    #expect(world.condition("Ready")?.prefix(2) == ["False", "InvalidSpec"])
    #expect(world.condition("Ready")?[2].contains(text) == true, "\(world.condition("Ready") ?? [])")
  }

  @Test func aSecretThatIsNotOursIsNeverWritten() throws {
    var world = World(annotations: both)
    world.addSecret("certs", role: nil, data: ["server.pem": "theirs", "server.key": "theirs"])
    let milvus = world.milvus
    #expect(try world.settle())
    #expect(world.condition("Ready")?.prefix(2) == ["False", "SecretInvalid"])
    #expect(world.milvus == milvus)
    #expect(world.observation.secrets.isEmpty, "not even an authority is made")
    #expect(try #require(world.plan.wakeUp) <= World.now + 60, "its deletion is not watched")
    world.removeForeignSecret("certs")
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Configured", "it was never in use: its name is free")
  }

  @Test func aSecretThatLostItsOwnerIsAdopted() throws {
    var world = World(annotations: both)
    #expect(try world.settle())
    let before = try #require(world.certificate(in: "certs"))
    world.orphan("certs")
    #expect(try world.settle())
    #expect(world.observation.secrets["certs"]?.ownerUID == "uid-of-my-release")
    #expect(world.certificate(in: "certs") == before)
    #expect(world.condition("Ready")?[1] == "Configured")
  }

  @Test(arguments: ["certs", "certs-ca", "certs-client"])
  func aManagerLabelThatAToolOverwritesIsPutBackAndRenewalsGoOn(name: String) throws {
    var world = World(annotations: both)
    #expect(try world.settle())
    let before = try #require(world.certificate(in: name))
    world.tamper(name) {
      $0[JSONPointer(["metadata", "labels", "app.kubernetes.io/managed-by"])] = "Helm"
      return $0
    }
    #expect(world.observation.secrets[name]?.isManaged == true)
    #expect(try world.settle())
    let labels = world.objects[name]?["metadata"]?["labels"]
    #expect(labels?["app.kubernetes.io/managed-by"] == "milvus-tls-operator")
    #expect(world.certificate(in: name) == before)
    world.observation.now = before.notAfter - 1
    #expect(try world.settle())
    #expect(world.certificate(in: name) != before)
  }

  @Test func aCopyOfASecretThatHasAnotherOwnerIsNotTheOperators() throws {
    var world = World(annotations: both)
    #expect(try world.settle())
    world.tamper("certs-client") {
      $0[JSONPointer(["metadata", "ownerReferences"])] = [["kind": "Deployment", "uid": "uid-of-a-copier"]]
      return $0
    }
    world.observation.secrets["certs-client"] = nil
    let copy = world.objects["certs-client"]
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "SecretNotManaged")
    #expect(world.objects["certs-client"] == copy)
  }

  @Test func aDeletedMilvusTLSLeavesTLSOnWithAWarning() throws {
    var world = World()
    world.addMilvusTLS(["metadata": ["name": "my-release"], "spec": ["external": ["mode": "OneWay"]]])
    #expect(try world.settle())
    let milvus = world.milvus
    world.observation.milvusTLS = []
    #expect(try world.settle())
    #expect(world.milvus == milvus)
    #expect(world.plan.warning?.message.contains("are renewed as they are") == true)
    world.setMilvus { $0[JSONPointer(["metadata", "annotations", "tls.milvus.io/external"])] = "Disabled" }
    #expect(try world.settle())
    #expect(world.milvus["spec"] == [:])
  }

  @Test func keysWhereMilvusIgnoresThemGetAWarningWhereNothingAsksForTLS() throws {
    var world = try GoldenCase(named: "misplaced-without-request").world()
    #expect(world.plan.actions.isEmpty)
    let warning = try #require(world.plan.warning)
    #expect(warning.reason == .misplaced)
    for text in ["spec.config.security.tlsMode", "spec.config.common.tls", "spec.config.common.security.tlsMode"] {
      #expect(warning.message.contains(text))
    }
    world.setMilvus {
      $0["spec"] = ["config": ["etcd": ["ssl": ["enabled": true]], "tls": ["clusters": ["b": ["caPemPath": "/b"]]]]]
    }
    #expect(world.plan.warning == nil, "TLS of dependencies, and of CDC")
  }

  @Test(arguments: [
    ("tlsMode", JSONValue.integer(1), "COMMON_SECURITY_TLSMODE", "0", "external"),
    ("internaltlsEnabled", true, "MILVUS_CONF_COMMON_SECURITY_INTERNALTLSENABLED", "false", "internal"),
  ])
  func aVariableThatTurnsTheConfiguredTLSOffGetsAWarning(
    key: String,
    value: JSONValue,
    variable: String,
    off: String,
    kind: String
  ) {
    func warning(_ text: String) -> TLSPlan.Warning? {
      let variables: JSONValue = [["name": .string(variable), "value": .string(text)]]
      let config: JSONValue = ["common": ["security": .object([key: value])]]
      return World(spec: ["config": config, "components": ["env": variables]]).plan.warning
    }
    #expect(warning(off)?.reason == .overridden)
    #expect(
      warning(off)?.message == "spec.config.common.security.\(key) is \(value), but spec.components.env[\(variable)] "
        + "is \(off) and overrides it: \(kind) TLS is off, unless etcd has the key"
    )
    #expect(warning(off == "0" ? "1" : "true") == nil, "the same value: TLS is requested")
  }

  @Test func aMilvusTLSBeingDeletedDoesNotDecide() throws {
    var world = World()
    world.addMilvusTLS([
      "metadata": ["name": "my-release", "deletionTimestamp": "2026-01-01T00:00:00Z"],
      "spec": ["external": ["mode": "OneWay"]],
    ])
    #expect(world.plan == TLSPlan())
  }

  @Test func ofTwoMilvusTLSTheOlderDecidesAndTheNewerSaysSo() throws {
    var world = World()
    world.addMilvusTLS(["metadata": ["name": "my-release"], "spec": ["external": ["mode": "OneWay"]]])
    world.observation.now += 10
    world.addMilvusTLS([
      "metadata": ["name": "a-newer"],
      "spec": ["milvusRef": ["name": "my-release"], "external": ["mode": "TwoWay"]],
    ])
    #expect(try world.settle())
    #expect(world.milvus[path: "spec", "config", "common", "security", "tlsMode"] == 1)
    let newer = world.observation.milvusTLS.first { $0.name == "a-newer" }?.status.condition(.ready)
    #expect(newer?.reason == "Superseded")
    #expect(newer?.message.contains("MilvusTLS my-release") == true)
    #expect(world.condition("Ready", of: "my-release")?[1] == "Configured")
  }

  @Test func aManagedMilvusTLSThatAPersonAppliedOverIsTheirs() throws {
    var world = World(annotations: ["tls.milvus.io/external": "OneWay"])
    world.addMilvusTLS([
      "metadata": [
        "name": "my-release", "labels": ["app.kubernetes.io/managed-by": "milvus-tls-operator"],
        "annotations": ["kubectl.kubernetes.io/last-applied-configuration": "{}"],
      ], "spec": ["external": ["mode": "TwoWay"]],
    ])
    #expect(try world.settle())
    #expect(world.milvus[path: "spec", "config", "common", "security", "tlsMode"] == 2)
  }

  @Test func aControlCharacterInAnAnnotationDoesNotReachTheMessage() throws {
    var world = World(annotations: ["tls.milvus.io/external": "x\ninfo forged \u{1B}[31m"])
    #expect(try world.settle())
    let message = try #require(world.condition("Ready")?[2])
    #expect(message.unicodeScalars.allSatisfy { $0.value >= 32 })
    #expect(message.contains("forged"))
  }

  @Test(
    arguments: [
      (["schedule": "0 25 * * 6", "duration": "4h"], "spec.rotation.windows[1].schedule: "),
      (["schedule": "0 2 * * 6", "duration": "4x"], "spec.rotation.windows[1].duration is not"),
      (["schedule": "0 2 * * 6", "duration": "4h", "timeZone": "Mars/Base"], "spec.rotation.windows[1].timeZone: "),
    ] as [(JSONValue, String)]
  )
  func aWindowThatCannotBeIsNamed(window: JSONValue, message: String) throws {
    var world = World()
    let windows: JSONValue = [["schedule": "@daily", "duration": "4h"], window]
    world.addMilvusTLS([
      "metadata": ["name": "my-release"], "spec": ["external": ["mode": "OneWay"], "rotation": ["windows": windows]],
    ])
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "InvalidSpec")
    let found = try #require(world.condition("Ready")?[2])
    #expect(found.replacing(": is not", with: " is not").hasPrefix(message), "\(found)")
    #expect(world.actions.isEmpty)
  }

  @Test func aSecondMilvusOfANamespaceGetsNamesOfItsOwn() throws {
    var world = World(annotations: both)
    world.addSecret("certs", role: "server", data: [:], milvus: "other")
    world.addSecret("certs-ca", role: "authority", data: [:], milvus: "other")
    #expect(try world.settle())
    #expect(world.certificate(in: "my-release-certs")?.subject.commonName == "my-release-milvus.default.svc")
    #expect(world.certificate(in: "my-release-certs-ca") != nil)
    #expect(world.certificate(in: "my-release-certs-client") != nil)
    let volume = world.milvus[path: "spec", "components", "volumes"]?[0]
    #expect(volume == ["name": "certs", "secret": ["secretName": "my-release-certs"]])
    #expect(world.condition("Ready")?[0] == "True")
  }

  @Test func namesOnceChosenStayWhenCertsBecomesFree() throws {
    var world = World(annotations: both)
    world.addSecret("certs-ca", role: "authority", data: [:], milvus: "other")
    #expect(try world.settle())
    world.observation.secrets["certs-ca"] = nil
    #expect(world.plan.actions.isEmpty)
  }

  @Test func namesStayAlsoWithAnAuthorityOfAnotherName() throws {
    var world = World()
    world.addMilvusTLS([
      "metadata": ["name": "my-release"],
      "spec": ["external": ["mode": "OneWay"], "authority": ["secretName": "shared-authority"]],
    ])
    world.addSecret("shared-authority", role: nil, data: try OwnershipTests.authority())
    world.addSecret("certs", role: "server", data: [:], milvus: "other")
    #expect(try world.settle())
    #expect(world.certificate(in: "my-release-certs") != nil)
    world.observation.secrets["certs"] = nil
    #expect(world.plan.actions.isEmpty)
  }

  @Test func aClientSecretOfAnotherMilvusTurnsToTheLongNamesToo() throws {
    var world = World(annotations: both)
    world.addSecret("certs-client", role: "client", data: [:], milvus: "other")
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Configured")
    #expect(world.certificate(in: "my-release-certs-client") != nil)
  }

  @Test func theSecretsOfADeletedMilvusOfTheSameNameAreWaitedFor() throws {
    var world = World(annotations: both)
    world.addSecret("certs", role: "server", data: [:], owner: "uid-of-the-deleted-one")
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "WaitingForDeletion")
    world.observation.secrets["certs"] = nil
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Configured")
  }
}
