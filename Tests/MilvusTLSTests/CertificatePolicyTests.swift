import Foundation
import JSON
import PKI
import Testing

@testable import MilvusTLS

@Suite struct CertificatePolicyTests {
  private func settled(_ spec: JSONValue = [:], now: Date = World.now) throws -> World {
    var world = World(now: now)
    world.addMilvusTLS([
      "metadata": ["name": "my-release"], "spec": spec.merging(["internal": ["enabled": true]]),
    ])
    #expect(try world.settle())
    return world
  }

  private func reissued(_ world: inout World) throws -> [String: String] {
    let done = world.actions.count
    #expect(try world.settle())
    return world.actions.dropFirst(done).reduce(into: [:]) { result, action in
      if case .writeCertificate(let write) = action {
        result[write.desired.secretName] = write.violation.reason.rawValue
      }
    }
  }

  @Test func theServerCertificateHasTheDesignsNames() throws {
    let certificate = try #require(try settled().certificate(in: "certs"))
    #expect(
      Set(certificate.dnsNames) == [
        "my-release-milvus", "my-release-milvus.default", "my-release-milvus.default.svc",
        "my-release-milvus.default.svc.cluster.local", "localhost",
      ]
    )
    #expect(Set(certificate.ipAddresses) == ["127.0.0.1", "::1"])
    #expect(certificate.subject.commonName == "my-release-milvus.default.svc")
  }

  @Test func aLongNameShortensTheCommonNameToTheService() throws {
    let name = String(repeating: "n", count: 50)
    var world = World(annotations: ["tls.milvus.io/external": "OneWay"], name: name)
    #expect(try world.settle())
    #expect(world.certificate(in: "certs")?.subject.commonName == "\(name)-milvus")
    #expect(world.certificate(in: "certs")?.dnsNames.contains("\(name)-milvus.default.svc") == true)
  }

  @Test func theServerNameOfASpecAndOfAMilvusIsAlwaysInTheCertificate() throws {
    let fromSpec = try settled(["internal": ["serverName": "milvus.internal"]])
    #expect(fromSpec.certificate(in: "certs")?.dnsNames.contains("milvus.internal") == true)
    var world = World(
      annotations: ["tls.milvus.io/internal": "true"],
      spec: ["config": ["internaltls": ["sni": "theirs.example"]]]
    )
    #expect(try world.settle())
    #expect(world.certificate(in: "certs")?.dnsNames.contains("theirs.example") == true)
    #expect(world.milvus[path: "spec", "config", "internaltls", "sni"] == "theirs.example")
  }

  @Test(arguments: [
    // What the lost authority issued goes on until every pod trusts the new one.
    (["certs-ca"], ["certs-ca": "Missing", "certs": "TrustChanged", "certs-client": "TrustChanged"]),
    (["certs"], ["certs": "Missing"]),
    (["certs-client"], ["certs-client": "Missing"]),
  ])
  func aSecretThatDisappearsIsMadeAnew(names: [String], expected: [String: String]) throws {
    var world = try settled()
    for name in names { world.observation.secrets[name] = nil }
    #expect(try reissued(&world) == expected)
  }

  @Test func damagedSecretsAreReissuedWithTheirReason() throws {
    var world = try settled()
    let good = try #require(world.certificate(in: "certs")?.pem)
    let authority = try #require(world.certificate(in: "certs-ca")?.pem)
    let otherKey = try PrivateKey(generating: .ed25519).pem()
    world.addSecret("certs", role: "server", data: ["server.pem": good, "ca.pem": authority])
    #expect(try reissued(&world) == ["certs": "Incomplete"])
    world.addSecret("certs", role: "server", data: ["server.pem": "x", "server.key": otherKey, "ca.pem": authority])
    #expect(try reissued(&world) == ["certs": "Unreadable"])
    world.addSecret("certs", role: "server", data: ["server.pem": good, "server.key": otherKey, "ca.pem": authority])
    #expect(try reissued(&world) == ["certs": "KeyMismatch"])
  }

  @Test func changedNamesAndKeysAreReissuedOnce() throws {
    var world = try settled()
    let spec: JSONValue = [
      "certificate": [
        "dnsNames": ["Search.Example.com"], "ipAddresses": ["fd00:0::01"], "privateKey": ["algorithm": "Ed25519"],
        "subject": ["organization": "Example"],
      ]
    ]
    world.observation.milvusTLS = []
    world.addMilvusTLS([
      "metadata": ["name": "my-release"], "spec": spec.merging(["internal": ["enabled": true]]),
    ])
    let reasons = try reissued(&world)
    #expect(reasons["certs"] == "NamesChanged")
    #expect(reasons["certs-ca"] == nil)
    #expect(world.certificate(in: "certs")?.publicKeyAlgorithm == .ed25519)
    #expect(world.certificate(in: "certs")?.ipAddresses.contains("fd00::1") == true)
    #expect(try reissued(&world) == [:])
  }

  @Test func theReasonNamesEachNameThatCameOrWent() throws {
    var world = try settled(["certificate": ["dnsNames": ["old.example"], "ipAddresses": ["10.0.0.1"]]])
    world.respecify(["certificate": ["dnsNames": ["new.example"], "ipAddresses": []]])
    let done = world.actions.count
    #expect(try world.settle())
    guard case .writeCertificate(let write) = world.actions[done] else {
      return #expect(Bool(false), "nothing is issued")
    }
    let message = "dnsNames added new.example; dnsNames removed old.example; ipAddresses removed 10.0.0.1"
    #expect("\(write.violation)" == "NamesChanged: " + message)
  }

  @Test func anotherKeyAlgorithmAloneIsReissued() throws {
    var world = try settled()
    world.observation.milvusTLS = []
    world.addMilvusTLS([
      "metadata": ["name": "my-release"],
      "spec": ["internal": ["enabled": true], "certificate": ["privateKey": ["algorithm": "Ed25519"]]],
    ])
    #expect(try reissued(&world) == ["certs": "KeyChanged", "certs-client": "KeyChanged"])
  }

  @Test func aBundleWithoutTheAuthorityGetsIt() throws {
    var world = try settled()
    let other = try settled()
    let server = try #require(world.data(of: "certs"))
    let foreign = try #require(other.data(of: "certs-ca")?["ca.pem"])
    world.addSecret("certs", role: "server", data: server.merging(["ca.pem": foreign]) { $1 })
    #expect(try reissued(&world)["certs"] == "TrustChanged")
    #expect(world.data(of: "certs")?["server.pem"] == server["server.pem"])
    let authority = try #require(world.data(of: "certs-ca")?["ca.pem"])
    #expect(world.data(of: "certs")?["ca.pem"]?.contains(authority) == true)
  }

  @Test func aCertificateIsRenewedInTheLastThirdOfItsLife() throws {
    var world = try settled()
    let certificates = try ["certs", "certs-client"].map { try #require(world.certificate(in: $0)) }
    let times = certificates.map { RenewalSchedule.renewalTime(of: $0, renewBefore: nil) }
    let first = try #require(times.min())
    #expect(world.plan.wakeUp == first)
    world.observation.now = first - 1
    #expect(try reissued(&world) == [:])
    world.observation.now = try #require(times.max())
    #expect(try reissued(&world) == ["certs": "RenewalDue", "certs-client": "RenewalDue"])
  }

  @Test func certificatesMadeTogetherAreRenewedOneAfterTheOther() throws {
    let authority = try CertificateAuthority.selfSigned(
      subject: DistinguishedName(commonName: "authority"),
      algorithm: .ecdsa(.p256),
      validity: Validity(from: World.now, duration: 87_600 * 3600)
    )
    let key = try PrivateKey(generating: .ecdsa(.p256))
    let request = try LeafRequest(
      purpose: .server,
      subject: DistinguishedName(commonName: "leaf"),
      dnsNames: ["leaf.example"],
      validity: Validity(from: World.now, duration: 8760 * 3600)
    )
    let leaves = try (0..<200).map { _ in try authority.issue(request, key: key) }
    let times = leaves.map { RenewalSchedule.renewalTime(of: $0, renewBefore: nil) }
    let third = leaves[0].notAfter.timeIntervalSince(leaves[0].notBefore) / 3
    let (first, last) = (try #require(times.min()), try #require(times.max()))
    #expect(first >= leaves[0].notAfter - third - 1)
    #expect(last <= leaves[0].notAfter - third * 0.9)
    #expect(last.timeIntervalSince(first) > third / 20, "over a tenth of the time left")
    #expect(Set(times).count > 190)
    #expect(times == leaves.map { RenewalSchedule.renewalTime(of: $0, renewBefore: nil) }, "always the same")
  }

  @Test func aRotationIsAskedForOnceAValueAndBringsNewKeys() throws {
    var world = World(annotations: ["tls.milvus.io/external": "TwoWay"])
    #expect(try world.settle())
    let keys = ["certs": "server.key", "certs-client": "client.key"]
    let before = keys.map { world.data(of: $0)?[$1] }
    world.annotate("rotate", "1")
    #expect(try reissued(&world) == ["certs": "RotationRequested", "certs-client": "RotationRequested"])
    #expect(zip(before, keys.map { world.data(of: $0)?[$1] }).allSatisfy { $0 != $1 })
    #expect(try reissued(&world) == [:])
    world.annotate("rotate", nil)
    #expect(try reissued(&world) == [:])
    world.annotate("rotate", "2")
    #expect(try reissued(&world).count == 2)
  }

  @Test(
    arguments: [(["dnsNames": ["x.example"]], "NamesChanged"), (["duration": "9000h"], "DurationChanged")]
      as [(JSONValue, String)]
  )
  func changesThatSayNothingOfTheKeyKeepIt(change: JSONValue, reason: String) throws {
    var world = try settled()
    let (certificate, key) = (world.certificate(in: "certs"), world.data(of: "certs")?["server.key"])
    world.observation.milvusTLS = []
    world.addMilvusTLS([
      "metadata": ["name": "my-release"], "spec": ["internal": ["enabled": true], "certificate": change],
    ])
    #expect(try reissued(&world)["certs"] == reason)
    #expect(world.certificate(in: "certs") != certificate)
    #expect(world.data(of: "certs")?["server.key"] == key)
    #expect(try reissued(&world) == [:])
  }

  @Test func aLeafCutShortByItsAuthorityIsNotReissuedForEver() throws {
    // No step of a replacement fits here: the authority gets a new certificate for its key when its last third begins.
    var world = try settled(["certificate": ["duration": "100h"], "authority": ["duration": "120h", "overlap": "24h"]])
    let authority = try #require(world.certificate(in: "certs-ca"))
    world.observation.now = World.now + 70 * 3600
    #expect(try reissued(&world) == ["certs": "RenewalDue", "certs-client": "RenewalDue"])
    #expect(world.certificate(in: "certs")?.notAfter == authority.notAfter)
    #expect(try reissued(&world) == [:])
    #expect(
      try #require(world.plan.wakeUp) > world.observation.now,
      "not in the past, which would be at once, for ever"
    )
    world.observation.now = World.now + 90 * 3600
    #expect(
      try reissued(&world) == [
        "certs-ca": "RenewalDue", "certs": "DurationChanged", "certs-client": "DurationChanged",
      ]
    )
    #expect(world.certificate(in: "certs").map { $0.notAfter > authority.notAfter } == true)
  }

  @Test func anExpiredAuthorityIsReplacedWithAllItIssued() throws {
    var world = try settled(["certificate": ["duration": "100h"], "authority": ["duration": "120h"]])
    world.observation.now = World.now + 121 * 3600
    #expect(try reissued(&world) == ["certs-ca": "Expired", "certs": "Expired", "certs-client": "Expired"])
  }

  @Test func everyIssuedLeafVerifiesAgainstItsAuthority() throws {
    let world = try settled(["certificate": ["privateKey": ["algorithm": "ECDSA", "size": 384]]])
    let authority = try #require(world.certificate(in: "certs-ca"))
    for (secret, purpose, name) in [("certs", Purpose.server, "my-release-milvus"), ("certs-client", .client, nil)] {
      let leaf = try #require(world.certificate(in: secret))
      try ChainVerifier.verify(
        leaf: leaf,
        intermediates: [],
        authorities: [authority],
        purpose: purpose,
        name: name,
        at: World.now + 60
      )
    }
  }
}
