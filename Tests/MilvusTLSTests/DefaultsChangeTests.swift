import Foundation
import JSON
import PKI
import Testing

@testable import MilvusTLS

/// A new version of the operator has other defaults: certificates that the former version issued differ, and no fleet
/// restarts at once.
@Suite struct DefaultsChangeTests {
  private let window: JSONValue = ["rotation": ["windows": [["schedule": "0 2 1 1 *", "duration": "1h"]]]]

  /// A verified Milvus whose server certificate lacks a name that the operator adds by default.
  private func upgraded(_ spec: JSONValue = [:]) throws -> World {
    var world = World()
    world.addMilvusTLS([
      "metadata": ["name": "my-release"],
      "spec": spec.merging(["external": ["mode": "OneWay"], "verification": ["handshake": false]]),
    ])
    #expect(try world.settle())
    let certificate = try #require(world.certificate(in: "certs"))
    let authority = try #require(world.data(of: "certs-ca"))
    let key = try PrivateKey(pem: try #require(world.data(of: "certs")?["server.key"]))
    let former = try CertificateAuthority(
      certificate: try #require(Certificate.chain(pem: authority["ca.pem"] ?? "").first),
      key: PrivateKey(pem: authority["ca.key"] ?? "")
    )
    .issue(
      LeafRequest(
        purpose: .server,
        subject: certificate.subject,
        dnsNames: certificate.dnsNames.filter { $0 != "localhost" },
        ipAddresses: certificate.ipAddresses,
        validity: Validity(notBefore: certificate.notBefore, notAfter: certificate.notAfter)
      ),
      key: key
    )
    world.tamper("certs") { object in
      object[JSONPointer(["data", "server.pem"])] = .string(Data(former.pem.utf8).base64EncodedString())
      return object
    }
    return world
  }

  private func reissues(_ world: inout World) throws -> [String] {
    let done = world.actions.count
    #expect(try world.settle())
    return world.actions.dropFirst(done).compactMap { action in
      if case .writeCertificate(let write) = action { "\(write.violation)" } else { nil }
    }
  }

  @Test func changedDefaultsWaitForAWindow() throws {
    var world = try upgraded(window)
    #expect(try reissues(&world).isEmpty)
    #expect(world.condition("RotationPending")?[1] == "OutsideWindow")
    #expect(world.notes("RotationPending"))
  }

  @Test func aRotationThatSomebodyRequestsMeanwhileWaitsForNone() throws {
    var world = try upgraded(window)
    #expect(try reissues(&world).isEmpty)
    world.annotate("rotate", "now")
    #expect(try reissues(&world).contains { $0.contains("tls.milvus.io/rotate") })
    #expect(world.certificate(in: "certs")?.dnsNames.contains("localhost") == true)
  }

  @Test func aPersonsChangeWaitsForNone() throws {
    var world = try upgraded(window)
    world.respecify(["certificate": ["dnsNames": ["search.example.com"]]])
    #expect(try reissues(&world) == ["NamesChanged: dnsNames added localhost, search.example.com"])
  }

  @Test func changedDefaultsWaitForOtherMilvus() throws {
    var world = try upgraded()
    world.observation.isRolloutLimitReached = true
    #expect(try reissues(&world).isEmpty)
    #expect(world.condition("RotationPending")?[1] == "RolloutLimit")
    world.observation.isRolloutLimitReached = false
    #expect(try reissues(&world) == ["NamesChanged: dnsNames added localhost"])
    #expect(!world.notes("RotationPending"))
  }

  @Test func theWriteSaysThatItIsLimited() throws {
    let world = try upgraded()
    let writes = world.plan.actions.compactMap { if case .writeCertificate(let write) = $0 { write } else { nil } }
    #expect(writes.map(\.isLimited) == [true])
  }

  @Test func anotherServerNameInTheMilvusIsAPersonsChange() throws {
    var world = World(
      annotations: ["tls.milvus.io/internal": "true"],
      spec: ["config": ["internaltls": ["sni": "before.example"]]]
    )
    #expect(try world.settle())
    world.observation.isRolloutLimitReached = true
    world.setMilvus { $0[JSONPointer(["spec", "config", "internaltls", "sni"])] = "after.example" }
    #expect(try reissues(&world) == ["NamesChanged: dnsNames added after.example; dnsNames removed before.example"])
  }
}
