import Foundation
import JSON
import PKI
import Testing

@testable import MilvusTLS

/// What goes wrong in the middle of a rotation, and does no harm.
@Suite struct RotationFaultTests {
  private let first = "v1"
  private let second = "v2"
  private let third = "v3"

  private func fleet(_ spec: JSONValue = [:]) throws -> Fleet {
    let both: JSONValue = ["external": ["mode": "TwoWay"], "internal": ["enabled": true]]
    return try Fleet(both.merging(spec))
  }

  private func annotate(_ fleet: inout Fleet, _ name: String, _ value: String) throws {
    fleet.world.annotate(name, value)
    try fleet.reconcile()
  }

  private func tamper(_ fleet: inout Fleet, _ secret: String, _ change: (inout JSONValue) -> JSONValue?) throws {
    fleet.world.tamper(secret, change)
    try fleet.reconcile()
  }

  /// The authorities in a Secret's `ca.pem`, by the end of their names.
  private func names(_ fleet: Fleet, _ secret: String) -> [String] {
    guard case .certificate(let contents) = fleet.world.observation.secrets[secret]?.contents else { return [] }
    return contents.authorities.map { "v\(DesiredCertificate.version(ofAuthority: $0.subject.commonName))" }
  }

  private func pass(_ fleet: inout Fleet, hours: Double) throws {
    let end = fleet.now + hours * 3600
    try fleet.wait(until: end)
  }

  // MARK: Damage in the middle of a replacement

  @Test func theFormerAuthorityStaysTrustedWhereTheServersSecretIsDeletedInTheMiddle() throws {
    var fleet = try fleet()
    try annotate(&fleet, "rotate-authority", "1")
    try pass(&fleet, hours: 0.1)
    try fleet.roll()
    fleet.world.observation.now += 24 * 3600
    try fleet.reconcile()
    #expect(names(fleet, "certs") == [second, first])
    try tamper(&fleet, "certs") { _ in nil }
    #expect(names(fleet, "certs") == [second, first], "pods still run with certificates of the former")
    #expect(names(fleet, "certs-client") == [second, first])
    try pass(&fleet, hours: 72)
    #expect(names(fleet, "certs") == [second])
    #expect(fleet.faults.isEmpty, "\(fleet.faults)")
  }

  /// The key is lost, and who trusts the new authority is not known: clients go on with what the pods accept.
  @Test func clientsKeepTheirCertificatesWhereAuthorityAndServerAreLost() throws {
    var fleet = try fleet()
    let client = fleet.world.certificate(in: "certs-client")
    try tamper(&fleet, "certs-ca") { _ in nil }
    try tamper(&fleet, "certs") { _ in nil }
    #expect(fleet.world.certificate(in: "certs-client") == client)
    #expect(names(fleet, "certs") == [first, second] && names(fleet, "certs-client") == [first, second])
    #expect(fleet.world.condition("AuthorityRotating")?[1] == "TrustingBoth")
    try pass(&fleet, hours: 72)
    #expect(names(fleet, "certs") == [second] && names(fleet, "certs-client") == [second])
    #expect(fleet.faults.isEmpty, "\(fleet.faults)")
  }

  @Test(arguments: ["next.pem", "next.key"])
  func aNextAuthorityThatIsDamagedIsMadeAgainAndTakesOver(file: String) throws {
    var fleet = try fleet()
    try annotate(&fleet, "rotate-authority", "1")
    #expect(names(fleet, "certs") == [first, second])
    try tamper(&fleet, "certs-ca") { object in
      object[JSONPointer(["data", file])] = "QUJD"
      return object
    }
    try pass(&fleet, hours: 120)
    #expect(names(fleet, "certs") == [third], "what was asked for is not forgotten")
    #expect(!fleet.world.notes("AuthorityRotating"))
    #expect(fleet.faults.isEmpty, "\(fleet.faults)")
  }

  @Test func anIntermediateThatGoesOverToAnotherRootComesIntoUseStepByStep() throws {
    var fleet = try fleet()
    let key = try PrivateKey(generating: .ecdsa(.p256))
    try replaceRoot(&fleet, key, "one")
    try pass(&fleet, hours: 72)
    let server = fleet.world.certificate(in: "certs")
    try replaceRoot(&fleet, key, "two")
    #expect(fleet.world.certificate(in: "certs") == server, "nobody trusts the other root yet")
    #expect(fleet.trusted.contains("root one") && fleet.trusted.contains("root two"))
    try pass(&fleet, hours: 72)
    #expect(Set(fleet.trusted) == ["root two"])
    #expect(fleet.faults.isEmpty, "\(fleet.faults)")
  }

  /// An intermediate of the same name and key under another root.
  private func replaceRoot(_ fleet: inout Fleet, _ key: PrivateKey, _ name: String) throws {
    let files = try OpenSSLProgram.inFolder { folder in
      try key.pem().write(to: folder.appending(path: "ca.key"), atomically: true, encoding: .utf8)
      let root = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "root.key", "-out", "root.pem"]
      try OpenSSLProgram.run(folder, root + ["-days", "3650", "-subj", "/CN=root \(name)"])
      try OpenSSLProgram.run(folder, "req", "-new", "-key", "ca.key", "-subj", "/CN=middle", "-out", "ca.csr")
      let extensions = "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\nsubjectKeyIdentifier=hash\n"
      try extensions.write(to: folder.appending(path: "ca.cnf"), atomically: true, encoding: .utf8)
      let sign = ["x509", "-req", "-in", "ca.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial"]
      try OpenSSLProgram.run(folder, sign + ["-days", "3650", "-extfile", "ca.cnf", "-out", "ca.pem"])
      let read = { (file: String) in try String(contentsOf: folder.appending(path: file), encoding: .utf8) }
      return ["ca.pem": try read("ca.pem") + read("root.pem"), "ca.key": try read("ca.key")]
    }
    fleet.world.observation.now = max(fleet.now, Date())
    fleet.world.removeForeignSecret("corporate")
    fleet.world.addSecret("corporate", role: nil, data: files)
    fleet.world.respecify(["authority": ["secretName": "corporate"]])
    try fleet.reconcile()
  }

  // MARK: Waiting

  @Test func theOverlapCountsFromTheLastSecretThatWasWritten() throws {
    var fleet = try fleet()
    // Killed once the authority and the server's Secret are written.
    fleet.actionsUntilDeath = 2
    try annotate(&fleet, "rotate-authority", "1")
    #expect(names(fleet, "certs") == [first, second] && names(fleet, "certs-client") == [first])
    fleet.world.observation.now += 30 * 3600
    fleet.actionsUntilDeath = nil
    try fleet.reconcile()
    try fleet.roll()
    #expect(names(fleet, "certs-client") == [first, second])
    #expect(fleet.world.condition("RotationPending")?[1] == "Overlap", "the client had no time yet")
    try pass(&fleet, hours: 72)
    #expect(names(fleet, "certs") == [second])
    #expect(fleet.faults.isEmpty, "\(fleet.faults)")
  }

  @Test func whatWasAskedForOnceOpensNoWindowLater() throws {
    let windows: JSONValue = [["schedule": "0 2 1 1 *", "duration": "1h"]]
    var fleet = try fleet(["rotation": ["windows": windows], "authority": ["overlap": "0s"]])
    try annotate(&fleet, "rotate-authority", "1")
    try pass(&fleet, hours: 1)
    #expect(names(fleet, "certs") == [second])
    let rollouts = fleet.rollouts
    let files = try #require(fleet.world.data(of: "certs-ca"))
    let authority = try CertificateAuthority(
      certificate: try #require(Certificate.chain(pem: files["ca.pem"] ?? "").first),
      key: PrivateKey(pem: files["ca.key"] ?? "")
    )
    let renewed = try authority.renewed(validity: Validity(from: fleet.now, duration: 20 * 365 * 86400))
    try tamper(&fleet, "certs-ca") { object in
      object[JSONPointer(["data", "ca.pem"])] = .string(Data(renewed.certificate.pem.utf8).base64EncodedString())
      return object
    }
    #expect(fleet.world.condition("RotationPending")?[1] == "OutsideWindow")
    #expect(fleet.rollouts == rollouts)
  }

  @Test func aClientsCertificateThatStaysFromAFormerAuthorityIsLookedAtBeforeItEnds() throws {
    var fleet = try fleet(["verification": ["handshake": false]])
    let client = try #require(fleet.world.certificate(in: "certs-client"))
    // The server's ends later.
    fleet.world.observation.now += 86400
    try tamper(&fleet, "certs") { _ in nil }
    try fleet.roll()
    try fleet.hold(true)
    try tamper(&fleet, "certs-ca") { _ in nil }
    fleet.world.observation.now = RenewalSchedule.criticalTime(of: client) - 1
    try fleet.reconcile()
    #expect(fleet.world.certificate(in: "certs-client") == client)
    #expect(fleet.world.plan.wakeUp == RenewalSchedule.criticalTime(of: client))
    fleet.world.observation.now = RenewalSchedule.criticalTime(of: client)
    try fleet.reconcile()
    #expect(fleet.world.certificate(in: "certs-client") != client)
  }

  @Test func aMilvusThatIsScaledUpAgainIsNotRolledBeforeItsPodsAreThere() throws {
    var fleet = try fleet()
    let server = fleet.world.certificate(in: "certs")
    try fleet.scale(toZero: true)
    try annotate(&fleet, "rotate", "1")
    #expect(fleet.world.condition("RotationPending")?[1] == "ScaledToZero")
    try fleet.scale(toZero: false)
    #expect(fleet.rollouts == 2 && fleet.world.certificate(in: "certs") != server)
    #expect(fleet.faults.isEmpty, "\(fleet.faults)")
  }

  @Test func aStepWaitsForAPodThatStillServesWhileItEnds() throws {
    var fleet = try fleet(["authority": ["overlap": "0s"]])
    let old = try #require(fleet.template)
    try annotate(&fleet, "rotate-authority", "1")
    fleet.world.addPod("ending", digest: old, isDeleting: true)
    try fleet.roll()
    #expect(names(fleet, "certs") == [first, second])
    #expect(fleet.world.condition("AuthorityRotating")?[1] == "TrustingBoth")
    fleet.world.addPod("ending", digest: old, isReady: false, isDeleting: true)
    try fleet.reconcile()
    #expect(names(fleet, "certs") == [second, first])
  }

  private let enabled = Verdict.confirmed(evidence: "[value=true]")

  /// A Milvus whose pods somebody else restarts, in the first step of a CA rotation.
  private func rotatingWithoutRestarts() throws -> World {
    var world = World()
    let spec: JSONValue = [
      "internal": ["enabled": true], "rotation": ["restart": false], "authority": ["overlap": "0s"],
    ]
    world.addMilvusTLS(["metadata": ["name": "my-release"], "spec": spec])
    #expect(try world.settle())
    world.addPod("a", startedAt: World.now, log: enabled)
    world.annotate("rotate-authority", "1")
    #expect(try world.settle())
    return world
  }

  /// A container that fails just after a Secret was written starts with what kubelet mounted before.
  @Test func whereSomebodyElseRestartsPodsAStepWaitsForAStartThatIsLateEnough() throws {
    var world = try rotatingWithoutRestarts()
    world.observation.now += 300
    for (seconds, isLateEnough) in [(0.0, false), (120, false), (121, true)] {
      world.addPod("a", startedAt: World.now + seconds, log: enabled)
      #expect(try world.settle())
      let pending = world.condition("RotationPending") ?? []
      #expect((world.condition("AuthorityRotating")?[1] == "Replacing") == isLateEnough, "\(seconds) \(pending)")
      if !isLateEnough { #expect(pending.contains("RestartIsOff")) }
    }
  }

  /// The Secrets are done with before the pods are: until somebody restarts them, nothing is completed.
  @Test func whereSomebodyElseRestartsPodsARotationIsCompletedByTheLastRestart() throws {
    var world = try rotatingWithoutRestarts()
    for reason in ["TrustingBoth", "Replacing", "Finishing"] {
      #expect(world.condition("AuthorityRotating")?.prefix(2) == ["True", reason])
      #expect(world.condition("RestartPending")?[0] == "True")
      world.observation.now += 300
      world.addPod("a", startedAt: world.observation.now, log: enabled)
      #expect(try world.settle())
    }
    #expect(world.condition("AuthorityRotating")?.prefix(2) == ["False", "Completed"])
    #expect(world.condition("RestartPending")?[0] == "False")
  }

  // MARK: Clocks

  /// A clock that went ahead leaves certificates that nobody accepts once it is right.
  @Test func certificatesOfTheFutureAreMadeAgain() throws {
    var fleet = try fleet()
    fleet.world.observation.now += 86400
    try annotate(&fleet, "rotate", "1")
    fleet.world.observation.now -= 86400
    try fleet.reconcile()
    try fleet.roll()
    let rollouts = fleet.rollouts
    for secret in ["certs", "certs-client"] {
      #expect(try #require(fleet.world.certificate(in: secret)).notBefore <= fleet.now)
    }
    try pass(&fleet, hours: 48)
    #expect(fleet.rollouts == rollouts)
  }

  // MARK: CAs that the operator did not write

  private func strange() throws -> Certificate {
    try CertificateAuthority.selfSigned(
      subject: DistinguishedName(commonName: "intruder"),
      algorithm: .ecdsa(.p256),
      validity: Validity(from: World.now, duration: 10 * 365 * 86400)
    ).certificate
  }

  private func add(_ authority: Certificate, to secret: String, _ fleet: inout Fleet) throws {
    let bundle = try #require(fleet.world.data(of: secret)?["ca.pem"]) + authority.pem
    try tamper(&fleet, secret) { object in
      object[JSONPointer(["data", "ca.pem"])] = .string(Data(bundle.utf8).base64EncodedString())
      return object
    }
  }

  @Test(arguments: ["certs", "certs-client"])
  func aCAThatSomebodyAddedByHandIsTrustedByNobody(secret: String) throws {
    var fleet = try fleet()
    let (intruder, rollouts) = (try strange(), fleet.rollouts)
    try add(intruder, to: secret, &fleet)
    #expect(names(fleet, "certs") == [first] && names(fleet, "certs-client") == [first])
    #expect(!fleet.trusted.contains("intruder"))
    #expect(fleet.rollouts == rollouts, "the pods never had it")
    #expect(!fleet.world.notes("AuthorityRotating"))
  }

  @Test func aCAThatSomebodyAddedInTheMiddleOfARotationDoesNotDisturbIt() throws {
    var fleet = try fleet()
    try annotate(&fleet, "rotate-authority", "1")
    try add(try strange(), to: "certs", &fleet)
    #expect(names(fleet, "certs") == [first, second] && names(fleet, "certs-client") == [first, second])
    try pass(&fleet, hours: 72)
    #expect(names(fleet, "certs") == [second] && fleet.faults.isEmpty, "\(fleet.faults)")
  }
}
