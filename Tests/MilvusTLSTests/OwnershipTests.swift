import Foundation
import JSON
import PKI
import Testing

@testable import MilvusTLS

/// Which Secrets are the operator's, and which somebody else's.
@Suite struct OwnershipTests {
  private let oneWay = ["tls.milvus.io/external": "OneWay"]

  private func configured() throws -> World {
    var world = World(annotations: oneWay)
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Configured")
    return world
  }

  /// Another client writes entries into a Secret of the operator.
  private func write(_ entries: [String: String], to secret: String, _ world: inout World) {
    world.tamper(secret) { object in
      for (key, text) in entries {
        object[JSONPointer(["data", key])] = .string(Data(text.utf8).base64EncodedString())
      }
      let keys = Dictionary(uniqueKeysWithValues: entries.keys.map { ("f:" + $0, JSONValue.object([:])) })
      object[JSONPointer(["metadata", "managedFields"])] = [
        ["manager": "milvus-tls-operator", "operation": "Update", "fieldsV1": ["f:metadata": ["f:labels": [:]]]],
        ["manager": "kubectl-client-side-apply", "operation": "Update", "fieldsV1": ["f:data": .object(keys)]],
      ]
      return object
    }
  }

  // MARK: Data of another writer

  @Test func aCertificateWrittenIntoASecretOfTheOperatorMakesItTheWriters() throws {
    var world = try configured()
    let data = try ForeignSecret([
      "metadata": ["name": "certs", "annotations": ["test/keys": "server.pem,server.key,ca.pem"]]
    ]).data()
    write(data, to: "certs", &world)
    #expect(try world.settle())
    let released = world.actions.contains {
      if case .release(let secret) = $0 { secret.name == "certs" } else { false }
    }
    #expect(released)
    let secret = try #require(world.observation.secret("certs"))
    #expect(!secret.isManaged && secret.ownerReferences.isEmpty)
    #expect(world.condition("Ready")?[1] == "Configured")
    #expect(world.milvusTLS?.status.certificate?.source == .secret)
    #expect(world.observation.secrets["certs-ca"] != nil, "the others stay the operator's")
    world.observation.now += 300 * 86400
    #expect(try world.settle())
    #expect(world.observation.secret("certs") == secret, "it is never written")
  }

  @Test(arguments: ["certs", "certs-client", "certs-ca"])
  func textThatIsNoPEMIsDamageAndNobodysFile(secret: String) throws {
    var world = try configured()
    let entry = secret == "certs" ? "server.pem" : secret == "certs-ca" ? "ca.pem" : "client.pem"
    write([entry: "damaged"], to: secret, &world)
    #expect(try world.settle())
    #expect(world.observation.secrets[secret]?.isManaged == true)
    #expect(world.certificate(in: secret) != nil, "it is mended")
  }

  @Test func aSecretThatABackupRestoredIsTheOperatorsStill() throws {
    var world = try configured()
    world.tamper("certs") { object in
      object[JSONPointer(["metadata", "ownerReferences"])] = nil
      let keys: JSONValue = ["f:server.pem": [:], "f:server.key": [:], "f:ca.pem": [:]]
      object[JSONPointer(["metadata", "managedFields"])] = [["manager": "velero-server", "fieldsV1": ["f:data": keys]]]
      return object
    }
    let certificate = world.certificate(in: "certs")
    #expect(try world.settle())
    // The adoption is a write of the operator.
    world.tamper("certs") { object in
      let fields = object[path: "metadata", "managedFields"]?.array ?? []
      object[JSONPointer(["metadata", "managedFields"])] = .array(fields + [["manager": "milvus-tls-operator"]])
      return object
    }
    #expect(try world.settle())
    #expect(world.observation.secrets["certs"]?.isManaged == true)
    #expect(world.certificate(in: "certs") == certificate)
  }

  // MARK: CAs

  @Test func aNamedCAIsNeverMade() throws {
    var world = World()
    let spec: JSONValue = ["external": ["mode": "TwoWay"], "authority": ["secretName": "company-ca"]]
    world.addMilvusTLS(["metadata": ["name": "my-release"], "spec": spec])
    #expect(try world.settle())
    #expect(world.condition("Ready")?.prefix(2) == ["False", "SecretMissing"])
    #expect(world.condition("Ready")?[2].contains("company-ca") == true)
    #expect(world.observation.secrets.isEmpty)
    #expect(world.milvusTLS?.unmanagedSecretNames.contains("company-ca") == true, "its arrival wakes the Milvus")
    world.addSecret("company-ca", role: nil, data: try Self.authority())
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Configured")
    #expect(world.observation.secret("company-ca")?.isManaged == false)
  }

  static func authority() throws -> [String: String] {
    let authority = try CertificateAuthority.selfSigned(
      subject: DistinguishedName(commonName: "company"),
      algorithm: .ecdsa(.p256),
      validity: Validity(from: World.now - 86400, duration: 10 * 365 * 86400)
    )
    return ["ca.pem": authority.certificate.pem, "ca.key": try authority.key.pem()]
  }

  @Test(arguments: [nil, "QUJD"])
  func aCAWhoseCertificateIsLostKeepsItsKeyAndName(damage: String?) throws {
    var world = try configured()
    let (authority, server) = (try #require(world.certificate(in: "certs-ca")), world.certificate(in: "certs"))
    let key = world.data(of: "certs-ca")?["ca.key"]
    world.tamper("certs-ca") { object in
      object[JSONPointer(["data", "ca.pem"])] = damage.map(JSONValue.string)
      return object
    }
    #expect(try world.settle())
    let renewed = try #require(world.certificate(in: "certs-ca"))
    #expect(world.data(of: "certs-ca")?["ca.key"] == key)
    #expect(renewed.subject == authority.subject && renewed.subjectKeyIdentifier == authority.subjectKeyIdentifier)
    #expect(world.certificate(in: "certs") == server, "what it issued stays in use")
    #expect(world.condition("Ready")?[1] == "Configured")
  }

  @Test(arguments: [["ca.key": nil], ["ca.key": "QUJD"], ["ca.pem": nil, "ca.key": nil]] as [[String: String?]])
  func aCAWithoutAGoodKeyIsLeftToAPerson(damage: [String: String?]) throws {
    var world = try configured()
    let server = world.certificate(in: "certs")
    world.tamper("certs-ca") { object in
      for (entry, text) in damage { object[JSONPointer(["data", entry])] = text.map(JSONValue.string) }
      return object
    }
    let damaged = world.observation.secrets["certs-ca"]
    #expect(try world.settle())
    #expect(world.condition("Ready")?.prefix(2) == ["False", "AuthorityInvalid"])
    #expect(world.condition("Ready")?[2].contains("Secret certs-ca") == true)
    #expect(world.observation.secrets["certs-ca"] == damaged && world.certificate(in: "certs") == server)
  }
}
