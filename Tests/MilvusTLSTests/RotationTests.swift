import Foundation
import JSON
import PKI
import Testing

@testable import MilvusTLS

/// Replacing an authority under running pods, and what a rotation waits for.
@Suite struct RotationTests {
  private let confirmed = Verdict.confirmed(evidence: "[value=true]")

  /// A Milvus of two pods with internal TLS, verified.
  private func running(_ spec: JSONValue = [:]) throws -> World {
    var world = World()
    world.addMilvusTLS([
      "metadata": ["name": "my-release"], "spec": spec.merging(["internal": ["enabled": true]]),
    ])
    #expect(try world.settle())
    try roll(&world)
    #expect(world.condition("Verified")?[0] == "True")
    return world
  }

  /// What milvus-operator does with a changed annotation: every pod is made anew.
  private func roll(_ world: inout World) throws {
    world.generation += 1
    for name in ["a", "b"] {
      world.observation.pods.removeAll { $0.name.hasPrefix(name) }
      world.addPod("\(name)\(world.generation)", log: confirmed)
    }
    #expect(try world.settle())
  }

  private func reasons(_ world: inout World) throws -> [String] {
    let done = world.actions.count
    #expect(try world.settle())
    return world.actions.dropFirst(done).compactMap { action in
      switch action {
      case .writeCertificate(let write): "\(write.desired.secretName) \(write.violation.reason.rawValue)"
      case .changeAuthority(.introduce(_, let violation), _): "introduce \(violation.reason.rawValue)"
      case .changeAuthority(.promote, _): "promote"
      case .delete(let secret): "delete \(secret.name)"
      case .patchMilvus: "Milvus"
      default: nil
      }
    }
  }

  private func names(_ world: World, _ secret: String) throws -> [String] {
    guard case .certificate(let contents) = world.observation.secrets[secret]?.contents else { return [] }
    return contents.authorities.map(\.subject.commonName)
  }

  private let first = "my-release-milvus authority"
  private let second = "my-release-milvus authority v2"

  // MARK: The three steps

  @Test func anAuthorityThatIsAskedForReplacesTheFormerInThreeSteps() throws {
    var world = try running(["authority": ["overlap": "0s"]])
    let (former, key) = (world.certificate(in: "certs"), world.data(of: "certs")?["server.key"])
    world.annotate("rotate-authority", "1")
    #expect(
      try reasons(&world) == [
        "introduce RotationRequested", "certs TrustChanged", "certs-client TrustChanged", "Milvus",
      ]
    )
    #expect(world.certificate(in: "certs") == former)
    #expect(try names(world, "certs") == [first, second])
    #expect(try names(world, "certs-client") == [first, second])
    #expect(world.condition("AuthorityRotating")?[1] == "TrustingBoth")
    #expect(!world.notes("RotationPending"), "a step on its way waits for nothing")

    try roll(&world)
    #expect(world.certificate(in: "certs")?.issuer.commonName == second)
    #expect(world.data(of: "certs")?["server.key"] == key)
    #expect(world.certificate(in: "certs-client")?.issuer.commonName == second)
    #expect(try names(world, "certs") == [second, first])
    #expect(world.condition("AuthorityRotating")?[1] == "Replacing")

    try roll(&world)
    #expect(try names(world, "certs") == [second])
    #expect(try names(world, "certs-client") == [second])
    #expect(world.condition("AuthorityRotating")?[1] == "Finishing")
    #expect(world.condition("Verified")?[1] == "RollingOut")
    try roll(&world)
    #expect(world.condition("Verified")?[0] == "True")
    #expect(world.condition("AuthorityRotating")?.prefix(2) == ["False", "Completed"])
    #expect(!world.notes("RotationPending"))
    #expect(Set(world.data(of: "certs-ca")?.keys.map { $0 } ?? []) == ["ca.pem", "ca.key"])
    #expect(world.milvusTLS?.status.json[path: "authority", "rotation"] == "1")
    #expect(try reasons(&world).isEmpty, "once for each value")
  }

  /// Whatever pod meets whatever client in between: each trusts what the other shows.
  @Test func atEveryStepEveryPodAndEveryClientTrustEachOther() throws {
    var world = try running(["authority": ["overlap": "0s"], "external": ["mode": "TwoWay"]], handshakes: true)
    var states = [try files(world)]
    world.annotate("rotate-authority", "1")
    for _ in 0..<4 {
      #expect(try world.settle())
      states.append(try files(world))
      // Pods of the step before and of this one run side by side, and clients have read the Secrets of either.
      for (served, read) in pairs(states.suffix(2)) {
        try verify(served.server, .server, trusting: read.client.authorities)
        try verify(read.client, .client, trusting: served.server.authorities)
        try verify(served.server, .server, trusting: read.server.authorities)
      }
      try roll(&world, handshakes: true)
    }
    #expect(states.last?.server.certificate.issuer.commonName == second)
  }

  private typealias Files = (server: ObservedSecret.CertificateContents, client: ObservedSecret.CertificateContents)

  private func files(_ world: World) throws -> Files {
    let contents = try ["certs", "certs-client"].map { name in
      guard case .certificate(let contents) = world.observation.secrets[name]?.contents else {
        throw CancellationError()
      }
      return contents
    }
    return (contents[0], contents[1])
  }

  private func pairs(_ states: ArraySlice<Files>) -> [(Files, Files)] {
    states.flatMap { one in states.map { (one, $0) } }
  }

  private func verify(
    _ contents: ObservedSecret.CertificateContents,
    _ purpose: Purpose,
    trusting authorities: [Certificate]
  ) throws {
    try ChainVerifier.verify(
      leaf: contents.certificate,
      intermediates: contents.intermediates,
      authorities: authorities,
      purpose: purpose,
      at: World.now + 60
    )
  }

  private func running(_ spec: JSONValue, handshakes: Bool) throws -> World {
    var world = World()
    world.addMilvusTLS(["metadata": ["name": "my-release"], "spec": spec])
    #expect(try world.settle())
    try roll(&world, handshakes: true)
    #expect(world.condition("Verified")?[0] == "True")
    return world
  }

  private func roll(_ world: inout World, handshakes: Bool) throws {
    world.observation.pods = []
    world.generation += 1
    world.addPod("a\(world.generation)", address: "10.0.0.1")
    for _ in 0..<3 {
      for endpoint in world.plan.evidence.handshakes?.endpoints ?? [] {
        world.observation.evidence.handshakes[endpoint.memoryKey] = .confirmed(evidence: "yes")
      }
      #expect(try world.settle())
    }
  }

  @Test func theNextStepWaitsForEveryPodAndForTheOverlap() throws {
    var world = try running(["authority": ["overlap": "2h"]])
    world.annotate("rotate-authority", "1")
    #expect(try world.settle())
    world.observation.now += 120
    #expect(try reasons(&world) == ["Milvus"])
    world.addPod("a9", log: confirmed)
    #expect(try reasons(&world).isEmpty, "an old pod is left")
    try roll(&world)
    #expect(try names(world, "certs") == [first, second])
    #expect(world.condition("RotationPending")?[1] == "Overlap")
    let end = World.now + 2 * 3600
    #expect(world.plan.wakeUp == end)
    world.observation.now = end - 1
    #expect(try reasons(&world).isEmpty)
    world.observation.now = end
    #expect(try reasons(&world).prefix(2) == ["promote", "certs AuthorityChanged"])
  }

  @Test(arguments: [Verdict.refuted(evidence: "[value=false]"), .unknown(reason: "cut off")])
  func aStepIsNotLeftWhilePodsAreNotVerified(verdict: Verdict) throws {
    var world = try running(["authority": ["overlap": "0s"], "verification": ["handshake": true]])
    world.annotate("rotate-authority", "1")
    #expect(try world.settle())
    world.observation.pods = []
    world.addPod("a9", log: verdict)
    #expect(try reasons(&world).isEmpty)
    #expect(world.condition("RotationPending")?[1] == "NotVerified")
  }

  @Test func aNewClientInTheMiddleOfAReplacementIsTrustedByAllPods() throws {
    var world = try running(["authority": ["overlap": "24h"]])
    world.annotate("rotate-authority", "1")
    #expect(try world.settle())
    let clients: JSONValue = [["name": "client"], ["name": "late"]]
    world.respecify(["clients": clients])
    #expect(try reasons(&world) == ["certs-late Missing"])
    #expect(world.certificate(in: "certs-late")?.issuer.commonName == first)
    #expect(try names(world, "certs-late") == [first, second])
  }

  @Test func aReplacementBeginsByItselfInTheLastThird() throws {
    var world = try running([
      "certificate": ["duration": "1000h"], "authority": ["duration": "3000h", "overlap": "0s"],
    ])
    let authority = try #require(world.certificate(in: "certs-ca"))
    world.observation.now = RenewalSchedule.renewalTime(of: authority, renewBefore: nil) - 1
    _ = try reasons(&world)
    try roll(&world)
    #expect(!world.notes("AuthorityRotating"))
    world.observation.now += 1
    #expect(try reasons(&world).first == "introduce RenewalDue")
    for _ in 0..<3 { try roll(&world) }
    #expect(world.certificate(in: "certs-ca")?.subject.commonName == second)
    #expect(world.condition("Verified")?[0] == "True")
  }

  /// A Milvus that is paused for years keeps its authority: a new certificate for the same key breaks nobody's trust.
  @Test func anAuthorityWhoseReplacementDoesNotComeToItsEndKeepsItsKeyAndGetsANewCertificate() throws {
    var world = try running([
      "certificate": ["duration": "1000h"], "authority": ["duration": "3000h", "overlap": "0s"],
    ])
    let authority = try #require(world.certificate(in: "certs-ca"))
    world.setMilvus { $0[JSONPointer(["spec", "components", "paused"])] = true }
    world.observation.now = RenewalSchedule.renewalTime(of: authority, renewBefore: nil)
    _ = try reasons(&world)
    #expect(world.condition("RotationPending")?[1] == "Paused")
    world.observation.now = RenewalSchedule.criticalTime(of: authority)
    #expect(try reasons(&world).contains("certs-ca RenewalDue"))
    let renewed = try #require(world.certificate(in: "certs-ca"))
    #expect(renewed.subject == authority.subject && renewed.notAfter > authority.notAfter)
    #expect(try renewed.publicKeyFingerprint() == authority.publicKeyFingerprint())
    let server = try #require(world.certificate(in: "certs"))
    for trusted in [authority, renewed] {
      try ChainVerifier.verify(leaf: server, authorities: [trusted], purpose: .server, at: world.observation.now)
    }
  }

  // MARK: Waiting

  @Test(
    arguments: [
      (["spec", "components", "paused"], true, "Paused"),
      (["spec", "components", "enableManualMode"], true, "ManualMode"),
      (["status", "status"], "Stopped", "Stopped"),
      (["spec", "components", "standalone", "replicas"], 0, "ScaledToZero"),
      // A deployment group's replicas count in place of the component's.
      (
        ["spec", "components", "standalone"], ["replicas": 2, "groups": [["name": "a", "replicas": 0]]], "ScaledToZero"
      ),
    ] as [([String], JSONValue, String)]
  )
  func aRenewalThatIsDueWaitsForWhatHoldsRolloutsBack(place: [String], value: JSONValue, reason: String) throws {
    var world = try running()
    let certificate = try #require(world.certificate(in: "certs"))
    world.setMilvus { $0[JSONPointer(place)] = value }
    world.observation.now = certificate.notAfter - 2000 * 3600
    #expect(try reasons(&world) == ["certs-client RenewalDue"], "no pod restarts for a client")
    #expect(world.condition("RotationPending")?[1] == reason)
    #expect(world.condition("RotationPending")?[2].contains(place.prefix(4).last ?? "") == true)
    #expect(world.plan.wakeUp.map { $0 <= RenewalSchedule.criticalTime(of: certificate) } == true)
    world.observation.now = RenewalSchedule.criticalTime(of: certificate)
    #expect(try reasons(&world).first == "certs RenewalDue", "its last tenth waits for nothing")
  }

  @Test func twoRolloutsAreNeverStacked() throws {
    var world = try running()
    let certificate = try #require(world.certificate(in: "certs"))
    world.annotate("rotate", "1")
    #expect(try reasons(&world) == ["certs RotationRequested", "certs-client RotationRequested", "Milvus"])
    world.annotate("rotate", "2")
    #expect(try reasons(&world) == ["certs-client RotationRequested"])
    #expect(world.condition("RotationPending")?[1] == "RolloutInProgress")
    try roll(&world)
    #expect(world.milvusTLS?.status.json[path: "certificate", "rotation"] == "2")
    #expect(world.certificate(in: "certs") != certificate)
  }

  @Test func aPodThatIsNotReadyHoldsARenewalBack() throws {
    var world = try running()
    let certificate = try #require(world.certificate(in: "certs"))
    world.addPod("c", isReady: false)
    world.observation.now = certificate.notAfter - 2000 * 3600
    #expect(try reasons(&world) == ["certs-client RenewalDue"])
    #expect(world.condition("RotationPending")?[2].contains("pod c not ready") == true)
  }

  @Test func aRolloutThatDoesNotFinishIsToldOfAndNothingIsRolledBack() throws {
    var world = try running()
    world.annotate("rotate", "1")
    #expect(try world.settle())
    #expect(world.plan.wakeUp == World.now + 1800)
    let patches = world.actions.count
    world.observation.now += 1800
    #expect(try world.settle())
    #expect(world.condition("Verified")?.prefix(2) == ["False", "RolloutUnfinished"])
    #expect(world.actions.count == patches)
    try roll(&world)
    #expect(world.condition("Verified")?[0] == "True")
    #expect(world.milvusTLS?.status.json["rollout"] == nil)
  }

  @Test func aRolloutWhosePodsCrashIsUnfinishedWithWhatTheirLogSays() throws {
    var world = try running()
    world.annotate("rotate", "1")
    #expect(try world.settle())
    world.addPod("crashing", isReady: false, log: .refuted(evidence: "tls: private key does not match"))
    world.observation.now += 1800
    #expect(try world.settle())
    let verified = try #require(world.condition("Verified"))
    #expect(verified.prefix(2) == ["False", "RolloutUnfinished"])
    #expect(verified[2].contains("tls: private key does not match"))
  }

  @Test func windowsHoldARenewalBackUntilTheyOpenOrItCannotWait() throws {
    let windows: JSONValue = [["schedule": "0 2 * * 6", "duration": "4h", "timeZone": "Europe/Berlin"]]
    var world = try running(["rotation": ["windows": windows]])
    let certificate = try #require(world.certificate(in: "certs"))
    // A Wednesday.
    world.observation.now = Date(timeIntervalSince1970: 1_823_860_800)
    #expect(try reasons(&world) == ["certs-client RenewalDue"])
    let pending = try #require(world.condition("RotationPending"))
    #expect(pending[1] == "OutsideWindow")
    #expect(pending[2].contains("until 2027-10-23T00:00:00Z"), "Saturday, 02:00 in Berlin's summer: \(pending[2])")
    world.observation.now = try #require(world.plan.wakeUp)
    #expect(try reasons(&world).first == "certs RenewalDue")
    try roll(&world)

    let next = try #require(world.certificate(in: "certs"))
    #expect(next != certificate)
    world.observation.now = next.notAfter - next.lifetime / 10
    #expect(try reasons(&world).contains("certs RenewalDue"), "a tenth is left")
  }

  @Test(
    arguments: [
      ["rotation": ["windows": [["schedule": "nonsense", "duration": "4h"]]]],
      ["certificate": ["privateKey": ["algorithm": "RSA", "size": 256]]], ["certificate": ["duration": "1s"]],
    ] as [JSONValue]
  )
  func aSpecificationThatCannotBeUsedChangesNothingAndWhatServesIsRenewed(spec: JSONValue) throws {
    var world = try running(["certificate": ["privateKey": ["algorithm": "ECDSA", "size": 384]]])
    let certificate = try #require(world.certificate(in: "certs"))
    world.respecify(spec)
    #expect(try reasons(&world).isEmpty)
    #expect(world.condition("Ready")?[1] == "InvalidSpec")
    world.observation.now = certificate.notAfter - 2000 * 3600
    #expect(try reasons(&world).prefix(2) == ["certs RenewalDue", "certs-client RenewalDue"])
    let renewed = try #require(world.certificate(in: "certs"))
    #expect(renewed.publicKeyAlgorithm == .ecdsa(.p384) && renewed.dnsNames == certificate.dnsNames)
    #expect(renewed.lifetime == certificate.lifetime)
    #expect(world.condition("Ready")?[1] == "InvalidSpec")
  }

  /// Two overlaps are longer than the authority lives.
  @Test func aReplacementThatIsAskedForEndsBeforeTheAuthorityDoes() throws {
    var world = try running(["certificate": ["duration": "10h"], "authority": ["duration": "60h", "overlap": "24h"]])
    world.annotate("rotate-authority", "1")
    #expect(try world.settle())
    for _ in 0..<60 where try names(world, "certs") != [second] {
      if world.condition("Verified")?[1] == "RollingOut" { try roll(&world) }
      world.observation.now = try #require(world.plan.wakeUp)
      #expect(try world.settle())
    }
    #expect(try names(world, "certs") == [second])
    #expect(world.observation.now < World.now + 30 * 3600)
  }

  @Test func whatIsAskedForWaitsForNoWindow() throws {
    let windows: JSONValue = [["schedule": "0 2 1 1 *", "duration": "1h"]]
    var world = try running(["rotation": ["windows": windows], "authority": ["overlap": "0s"]])
    world.annotate("rotate", "1")
    #expect(try reasons(&world).first == "certs RotationRequested")
    try roll(&world)
    world.annotate("rotate-authority", "1")
    #expect(try reasons(&world).first == "introduce RotationRequested")
    for _ in 0..<3 { try roll(&world) }
    #expect(try names(world, "certs") == [second])
  }

  @Test func aRenewalThatWaitsForItsWindowHoldsUpNoAuthorityThatIsAskedFor() throws {
    let windows: JSONValue = [["schedule": "0 2 1 1 *", "duration": "1h"]]
    var world = try running(["rotation": ["windows": windows], "authority": ["overlap": "0s"]])
    world.observation.now = try #require(world.certificate(in: "certs")).notAfter - 2000 * 3600
    #expect(try reasons(&world) == ["certs-client RenewalDue"])
    world.annotate("rotate-authority", "1")
    #expect(try reasons(&world).first == "introduce RotationRequested")
  }

  // MARK: Clients

  @Test func theSecretOfAClientThatIsNotListedAnyMoreIsDeletedAfterAnOverlapIfItIsTheOperators() throws {
    var world = try running(["clients": [["name": "one"], ["name": "two"]], "authority": ["overlap": "2h"]])
    // Somebody's copy has the labels of its model.
    world.addSecret("copy", role: "client", data: world.data(of: "certs-two") ?? [:])
    world.respecify(["clients": [["name": "one"]]])
    #expect(try reasons(&world).isEmpty)
    #expect(world.milvusTLS?.status.listedClients.map(\.name) == ["one"])
    let end = World.now + 2 * 3600
    #expect(world.plan.wakeUp == end)
    world.observation.now = end
    #expect(try reasons(&world) == ["delete certs-two"])
    #expect(world.milvusTLS?.status.clients.map(\.name) == ["one"])
    #expect(world.observation.secrets.keys.sorted() == ["certs", "certs-ca", "certs-one", "copy"])
  }

  @Test func aSecretUnderWhoseNameAClientWasBeforeStaysForThoseWhoMountIt() throws {
    var world = try running(["clients": [["name": "one", "secretName": "before"]]])
    world.respecify(["clients": [["name": "one", "secretName": "after"]]])
    #expect(try reasons(&world) == ["after Missing"])
    #expect(world.observation.secrets.keys.sorted() == ["after", "before", "certs", "certs-ca"])
  }

  // MARK: Nodes

  @Test func aRestartForANewBundleAloneWaitsUntilEveryNodeHasIt() throws {
    var world = try running()
    world.annotate("rotate-authority", "1")
    #expect(
      try reasons(&world) == ["introduce RotationRequested", "certs TrustChanged", "certs-client TrustChanged"]
    )
    #expect(world.condition("RotationPending")?[1] == "WaitingForNodes")
    #expect(world.condition("Verified")?[0] == "True", "the pods run as before")
    #expect(world.plan.wakeUp == World.now + 120)
    world.observation.now += 119
    #expect(try reasons(&world).isEmpty)
    world.observation.now += 1
    #expect(try reasons(&world) == ["Milvus"])
    #expect(!world.notes("RotationPending"))
  }

  @Test func aNewLeafIsLoadedAtOnce() throws {
    var world = try running()
    world.annotate("rotate", "1")
    #expect(try reasons(&world).last == "Milvus")
  }
}
