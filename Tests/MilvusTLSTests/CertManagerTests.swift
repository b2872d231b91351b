import Foundation
import JSON
import Testing

@testable import MilvusTLS

@Suite struct CertManagerTests {
  private func world(_ certificate: JSONValue = [:], isInstalled: Bool = true) -> World {
    var world = World()
    world.observation.certManager = isInstalled ? .installed([:]) : .notInstalled
    let reference: JSONValue = [
      "issuerRef": ["name": "internal-ca", "kind": "ClusterIssuer", "group": "cert-manager.io"]
    ]
    world.addMilvusTLS([
      "metadata": ["name": "my-release"],
      "spec": ["external": ["mode": "TwoWay"], "certificate": reference.merging(certificate)],
    ])
    return world
  }

  private func requests(_ world: World) -> [JSONValue] {
    world.actions.compactMap { if case .applyCertificate(let json, _) = $0 { json } else { nil } }
  }

  @Test func certificatesAreAskedForAndTheMilvusWaits() throws {
    var world = world(["duration": "2160h", "renewBefore": "360h", "subject": ["organization": "Example"]])
    #expect(try world.settle())
    let server = try #require(requests(world).first)
    #expect(server[path: "metadata", "name"] == "certs")
    #expect(
      server["spec"] == [
        "secretName": "certs",
        "issuerRef": ["name": "internal-ca", "kind": "ClusterIssuer", "group": "cert-manager.io"],
        "commonName": "my-release-milvus.default.svc", "duration": "2160h", "renewBefore": "360h",
        "privateKey": ["algorithm": "ECDSA", "size": 256, "encoding": "PKCS8", "rotationPolicy": "Always"],
        "usages": ["digital signature", "key encipherment", "server auth"], "subject": ["organizations": ["Example"]],
        "dnsNames": [
          "my-release-milvus.default.svc", "my-release-milvus", "my-release-milvus.default",
          "my-release-milvus.default.svc.cluster.local", "localhost",
        ], "ipAddresses": ["127.0.0.1", "::1"],
      ]
    )
    #expect(requests(world).map { $0[path: "metadata", "name"] } == ["certs", "certs-client"])
    #expect(requests(world).last?[path: "spec", "usages"]?[2] == "client auth")
    #expect(world.condition("Ready")?[1] == "WaitingForCertManager")
    #expect(world.milvus["spec"] == [:])
    #expect(world.observation.secrets.isEmpty)
  }

  @Test func itsSecretIsUsedOnceItIsThere() throws {
    var world = world()
    #expect(try world.settle())
    try world.addForeignSecret("certs", keys: ObservedSecret.kubernetesTLSLayout)
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "WaitingForCertManager", "the client's is still missing")
    try world.addForeignSecret("certs-client", HandMade(purpose: .client), keys: ObservedSecret.kubernetesTLSLayout)
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Configured")
    #expect(
      world.value("components", "volumes")?[0]?[path: "secret", "items"]?[0] == [
        "key": "tls.crt", "path": "server.pem",
      ]
    )
    #expect(world.milvusTLS?.status.json[path: "certificate", "source"] == "CertManager")
    #expect(world.milvusTLS?.status.json["clients"]?[0]?["secretName"] == "certs-client")
    #expect(world.milvusTLS?.unmanagedSecretNames == ["certs", "certs-client"])
    let requested = requests(world).count
    #expect(world.plan.actions.isEmpty)
    #expect(requested == 2)
  }

  @Test func whatCertManagerSaysIsPassedOn() throws {
    var world = world()
    #expect(try world.settle())
    let told = CertManagerCertificate([
      "metadata": [
        "name": "certs", "namespace": "default", "resourceVersion": "7",
        "labels": ["app.kubernetes.io/managed-by": "milvus-tls-operator", "tls.milvus.io/milvus": "my-release"],
      ],
      "spec": try #require(requests(world)[0]["spec"]),
      "status": ["conditions": [["type": "Ready", "status": "False", "message": "issuer not found"]]],
    ])
    world.keep(try #require(told))
    #expect(try world.settle())
    #expect(world.condition("Ready")?[2] == "Waiting for cert-manager to issue Certificate certs: issuer not found")
  }

  @Test func withoutCertManagerThatIsSaidAndItRecovers() throws {
    var world = world(isInstalled: false)
    #expect(try world.settle())
    #expect(world.condition("Ready")?.prefix(2) == ["False", "CertManagerNotInstalled"])
    #expect(world.actions.isEmpty)
    world.observation.certManager = .installed([:])
    #expect(try world.settle())
    #expect(requests(world).count == 2)
  }

  @Test func aSecretOfTheOperatorsOwnIsNotHandedOver() throws {
    var world = world()
    world.addSecret("certs", role: "server", data: [:])
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "SecretInUse")
    #expect(world.actions.isEmpty)
  }

  @Test func aChangedSpecificationIsPassedOnOnce() throws {
    var world = world()
    #expect(try world.settle())
    world.observation.milvusTLS = []
    world.addMilvusTLS([
      "metadata": ["name": "my-release"],
      "spec": ["external": ["mode": "TwoWay"], "certificate": ["issuerRef": ["name": "other"]]],
    ])
    #expect(try world.settle())
    #expect(requests(world).count == 4)
    #expect(requests(world)[2][path: "spec", "issuerRef", "name"] == "other")
  }

  @Test func theCertificateOfAClientThatIsNotListedAnyMoreIsDeletedAfterAnOverlap() throws {
    var world = world()
    world.respecify(["clients": [["name": "one"], ["name": "two"]], "authority": ["overlap": "1h"]])
    #expect(try world.settle())
    for name in ["certs", "certs-one", "certs-two"] {
      try world.addForeignSecret(name, keys: ObservedSecret.kubernetesTLSLayout)
    }
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Configured")
    world.respecify(["clients": [["name": "one"]]])
    #expect(try world.settle())
    #expect(world.milvusTLS?.status.listedClients.map(\.name) == ["one"])
    func deleted(_ world: World) -> [String] {
      world.actions.compactMap { if case .deleteCertificate(let certificate) = $0 { certificate.name } else { nil } }
    }
    #expect(deleted(world).isEmpty)
    world.observation.now += 3600
    #expect(try world.settle())
    #expect(deleted(world) == ["certs-two"])
    #expect(world.milvusTLS?.status.clients.map(\.name) == ["one"])
  }
}
