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
      if case .issue(let issue) = action { result[issue.request.secretName] = issue.reason.reason }
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
    (["certs-ca"], ["certs-ca": "Missing", "certs": "AuthorityChanged", "certs-client": "AuthorityChanged"]),
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

  @Test func anotherKeyAlgorithmAloneIsReissued() throws {
    var world = try settled()
    world.observation.milvusTLS = []
    world.addMilvusTLS([
      "metadata": ["name": "my-release"],
      "spec": ["internal": ["enabled": true], "certificate": ["privateKey": ["algorithm": "Ed25519"]]],
    ])
    #expect(try reissued(&world) == ["certs": "KeyChanged", "certs-client": "KeyChanged"])
  }

  @Test func aBundleWithoutTheAuthorityIsReissued() throws {
    var world = try settled()
    let other = try settled()
    let server = try #require(world.data(of: "certs"))
    let foreign = try #require(other.data(of: "certs-ca")?["ca.pem"])
    world.addSecret("certs", role: "server", data: server.merging(["ca.pem": foreign]) { $1 })
    #expect(try reissued(&world) == ["certs": "AuthorityChanged"])
  }

  @Test func aCertificateIsRenewedInTheLastThirdOfItsLife() throws {
    var world = try settled(["certificate": ["duration": "300h"]])
    let certificate = try #require(world.certificate(in: "certs"))
    let renewal = CertificatePolicy.renewalTime(of: certificate, renewBefore: nil)
    #expect(world.plan.wakeUp == renewal)
    world.observation.now = renewal - 1
    #expect(try reissued(&world) == [:])
    world.observation.now = renewal
    #expect(try reissued(&world) == ["certs": "RenewalDue", "certs-client": "RenewalDue"])
    #expect(world.certificate(in: "certs")?.notAfter == renewal + 300 * 3600)
  }

  @Test func aLeafCutShortByItsAuthorityIsNotReissuedForEver() throws {
    var world = try settled(["certificate": ["duration": "100h"], "authority": ["duration": "120h"]])
    world.observation.now = World.now + 90 * 3600
    #expect(try reissued(&world) == ["certs": "RenewalDue", "certs-client": "RenewalDue"])
    let authority = try #require(world.certificate(in: "certs-ca"))
    #expect(world.certificate(in: "certs")?.notAfter == authority.notAfter)
    world.observation.now = World.now + 119 * 3600
    #expect(try reissued(&world) == [:])
    #expect(try #require(world.plan.wakeUp) == authority.notAfter, "not in the past, which would be at once, for ever")
    #expect(world.condition("AuthorityExpiring")?[2].contains("certs-ca") == true)
  }

  @Test func anExpiredAuthorityIsReplacedWithAllItIssued() throws {
    var world = try settled(["certificate": ["duration": "100h"], "authority": ["duration": "120h"]])
    world.observation.now = World.now + 121 * 3600
    #expect(
      try reissued(&world) == ["certs-ca": "Expired", "certs": "AuthorityChanged", "certs-client": "AuthorityChanged"]
    )
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
