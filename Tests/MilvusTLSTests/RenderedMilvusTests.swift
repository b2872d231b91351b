import JSON
import Testing

@testable import MilvusTLS

/// What is rendered from files is what the operator makes of the same resource in a cluster.
@Suite struct RenderedMilvusTests {
  @Test("A generated Milvus becomes what the operator makes of it, and what it refuses is refused", arguments: 1...400)
  func asTheOperator(seed: UInt64) throws {
    var generator = GeneratedMilvus(seed: seed)
    var world = World(annotations: generator.annotations(), spec: generator.spec(asks: true))
    let before = world.milvus
    #expect(try world.settle())
    let condition = try #require(world.condition("Ready"))
    do {
      let rendered = try RenderedMilvus(before, now: World.now)
      #expect(condition[0] == "True" || Self.isAboutSecrets(condition), "\(condition)")
      if condition[0] == "True" { #expect(Self.spec(rendered.resource) == Self.spec(world.milvus)) }
      let again = try RenderedMilvus(rendered.resource, now: World.now)
      #expect(again.resource == rendered.resource)
    } catch RenderedMilvus.Problem.conflicts(let conflicts) {
      let message = conflicts.map(\.description).joined(separator: "; ")
      #expect(condition == ["False", "Conflict", message])
    } catch RenderedMilvus.Problem.unusable(let field, _) {
      #expect(condition[1] == "UnsupportedVersion" && condition[2].hasPrefix(field))
    }
  }

  /// What a file cannot show: whether Secrets exist, and what they hold.
  private static func isAboutSecrets(_ condition: [String]) -> Bool {
    ["SecretMissing", "SecretInvalid", "FilesNotVisible", "SecretNotManaged"].contains(condition[1])
  }

  /// Without the annotation that rolls the pods for certificates.
  private static func spec(_ milvus: JSONValue) -> JSONValue? {
    var milvus = milvus
    let annotations: JSONPointer = "/spec/components/podAnnotations"
    milvus[annotations]?[Annotations.certificate] = nil
    if milvus[annotations] == [:] { milvus[annotations] = nil }
    return milvus["spec"]
  }

  @Test("The Secrets that are issued hold what the operator's Secrets hold, and belong together")
  func secrets() throws {
    let milvus: JSONValue = ["metadata": ["name": "my-release"], "spec": ["mode": "standalone"]]
    let rendered = try RenderedMilvus(milvus, overrides: ["external": ["mode": "TwoWay"]])
    let secrets = try rendered.issueSecrets()
    #expect(secrets.map(\.name) == ["certs", "certs-ca", "certs-client"])
    #expect(rendered.secretName == "certs")
    #expect(rendered.restPort == 8080)
    let authority = try #require(secrets[1].files["ca.pem"])
    #expect(secrets[0].files["ca.pem"] == authority && secrets[2].files["ca.pem"] == authority)
    #expect(Set(secrets[0].files.keys) == ["server.pem", "server.key", "ca.pem"])
  }

  @Test("Where nothing says which TLS, clients get one-way TLS")
  func byDefault() throws {
    let rendered = try RenderedMilvus(["metadata": ["name": "a"]])
    #expect(rendered.external == .oneWay && !rendered.isInternalEnabled)
    let `internal` = try RenderedMilvus(["metadata": ["name": "a"]], overrides: ["internal": ["enabled": true]])
    #expect(`internal`.external == .disabled && `internal`.isInternalEnabled)
    let off = try RenderedMilvus(["metadata": ["name": "a", "annotations": ["tls.milvus.io/external": "Disabled"]]])
    #expect(off.resource[path: "spec"] == nil)
  }
}
