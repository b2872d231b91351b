import Foundation
import JSON
import PKI
import Testing

@testable import MilvusTLS

/// What serves is kept alive beside every obstacle, whoever wrote the mount.
@Suite struct KeepAliveTests {
  /// What keeps the specified TLS from being given.
  enum Problem: String, CaseIterable {
    case conflict = "Conflict"
    case invalidAnnotation = "InvalidAnnotation"
    case invalidSpec = "InvalidSpec"
    case namesNoCertificateCanCarry = "InvalidSpec "
    case issuer = "SecretInUse"
  }

  /// The golden shapes that mount their certificates by themselves, and for which the operator issues them.
  static let shapes = GoldenCase.names.filter { name in
    guard let golden = try? GoldenCase(named: name), golden.steps.isEmpty, golden.secrets.isEmpty,
      golden.milvusTLS == nil, golden.outcome?.ready?[1] == "Configured", let world = try? golden.world(),
      let milvus = world.observation.milvus
    else { return false }
    return MilvusConfiguration(milvus).writtenSecret(MilvusTLSSpec.Mount()) != nil
  }

  @Test func theManualsShapesAreAmongThem() {
    #expect(Set(Self.shapes).isSuperset(of: ["own-manual-external", "own-manual-internal", "own-manual-twoway"]))
  }

  private func settled(_ name: String) throws -> World {
    var world = try GoldenCase(named: name).world()
    world.observation.certManager = .installed([:])
    try #require(try world.settle())
    return world
  }

  private func give(_ problem: Problem, to world: inout World) throws {
    switch problem {
    case .conflict:
      let serving = world.observation.milvus?.isCluster == true ? "proxy" : "standalone"
      let pinned = JSONPointer(["spec", "components", serving, "podAnnotations", "tls.milvus.io/certificate"])
      world.setMilvus { $0[pinned] = "pinned" }
    case .invalidAnnotation: world.annotate("internal", "yes")
    case .invalidSpec: world.respecify(["rotation": ["windows": [["schedule": "at night", "duration": "4h"]]]])
    case .namesNoCertificateCanCarry: world.respecify(["certificate": ["subject": ["country": "Germany"]]])
    case .issuer: world.respecify(["certificate": ["issuerRef": ["name": "ca"]]])
    }
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == problem.rawValue.trimmingCharacters(in: .whitespaces))
  }

  private func digest(_ world: World) -> JSONValue? {
    world.value("components", "podAnnotations")?["tls.milvus.io/certificate"]
  }

  @Test(arguments: shapes, Problem.allCases)
  func theSecretThatTheAuthorMountsIsRenewedAndThePodsAreRolled(shape: String, problem: Problem) throws {
    var world = try settled(shape)
    let secret = try #require(world.milvusTLS?.status.certificate?.secretName)
    try give(problem, to: &world)
    let (certificate, before, config) = (world.certificate(in: secret), digest(world), world.milvus["spec"]?["config"])
    world.observation.now += 8000 * 3600
    #expect(try world.settle())
    #expect(world.certificate(in: secret) != certificate)
    #expect(digest(world) != before)
    #expect(world.milvus["spec"]?["config"] == config)
  }

  @Test func aVolumeThatTheOperatorAddedIsServedByWhateverTheSpecificationNamesNow() throws {
    var world = World(annotations: ["tls.milvus.io/external": "OneWay"])
    #expect(try world.settle())
    world.respecify(["certificate": ["secretName": "other"]])
    world.setMilvus { $0[JSONPointer(["spec", "config", "common", "security", "tlsMode"])] = 2 }
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Conflict")
    let certificate = world.certificate(in: "certs")
    world.observation.now += 8000 * 3600
    #expect(try world.settle())
    #expect(world.certificate(in: "certs") != certificate)
  }

  @Test(arguments: ["own-manual-external", "own-manual-twoway"])
  func newContentsOfASecretThatTheAuthorMountsRollThePodsBesideAConflict(shape: String) throws {
    var world = try GoldenCase(named: shape).world()
    try world.addForeignSecret("certs")
    try #require(try world.settle())
    #expect(world.condition("Ready")?[1] == "Configured")
    try give(.conflict, to: &world)
    let before = digest(world)
    try world.addForeignSecret("certs")
    #expect(try world.settle())
    #expect(digest(world) != before)
  }

  @Test func newContentsOfAnotherSecretThanTheSpecifiedOneRollThePodsBesideAConflict() throws {
    var world = try GoldenCase(named: "own-manual-external").world()
    try world.addForeignSecret("certs")
    try #require(try world.settle())
    world.respecify(["certificate": ["secretName": "other"]])
    try give(.conflict, to: &world)
    let before = digest(world)
    try world.addForeignSecret("certs")
    #expect(try world.settle())
    #expect(digest(world) != before)
  }

  @Test func newContentsRollThePodsBesideADisabledThatContradictsTheMilvus() throws {
    var world = try GoldenCase(named: "own-manual-external").world()
    try world.addForeignSecret("certs")
    try #require(try world.settle())
    world.annotate("external", "Disabled")
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Conflict")
    let before = digest(world)
    try world.addForeignSecret("certs")
    #expect(try world.settle())
    #expect(digest(world) != before)
  }

  @Test func theStatusFollowsWhatIsRenewed() throws {
    var world = World(annotations: ["tls.milvus.io/external": "OneWay"])
    #expect(try world.settle())
    try give(.conflict, to: &world)
    world.observation.now += 8000 * 3600
    #expect(try world.settle())
    let certificate = try #require(world.certificate(in: "certs"))
    let status = try #require(world.milvusTLS?.status)
    #expect(status.certificate?.serialNumber == certificate.serialNumber)
    #expect(status.certificate?.notAfter == certificate.notAfter.kubernetesTime)
    #expect(status.clients.map(\.notAfter) == [world.certificate(in: "certs-client")?.notAfter.kubernetesTime])
  }

  @Test func contentsThatMilvusCouldNotStartWithRollNoPods() throws {
    var world = try GoldenCase(named: "own-manual-external").world()
    try world.addForeignSecret("certs")
    try #require(try world.settle())
    try give(.conflict, to: &world)
    let before = digest(world)
    try world.addForeignSecret("certs", HandMade(hasForeignKey: true))
    #expect(try world.settle())
    #expect(digest(world) == before)
  }

  @Test func aCAThatCannotBeUsedLeavesTheFormerOneToRenewWhatServes() throws {
    var world = World(annotations: ["tls.milvus.io/external": "TwoWay"])
    #expect(try world.settle())
    world.addSecret("corporate-ca", role: nil, data: ["ca.pem": "nonsense", "ca.key": "nonsense"])
    world.respecify(["authority": ["secretName": "corporate-ca"]])
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "AuthorityInvalid")
    let certificate = world.certificate(in: "certs")
    world.observation.now += 8000 * 3600
    #expect(try world.settle())
    #expect(world.certificate(in: "certs") != certificate)
  }

  @Test func aCARotationUnderWayIsNotSaidToBeOverBesideAnObstacle() throws {
    var world = World()
    world.addMilvusTLS([
      "metadata": ["name": "my-release"],
      "spec": [
        "external": ["mode": "OneWay"], "verification": ["handshake": false], "authority": ["overlap": "0s"],
      ],
    ])
    #expect(try world.settle())
    world.addPod("a")
    world.annotate("rotate-authority", "1")
    #expect(try world.settle())
    #expect(world.notes("AuthorityRotating"))
    world.setMilvus { $0[JSONPointer(["spec", "config", "common", "security", "tlsMode"])] = 2 }
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Conflict")
    #expect(world.notes("AuthorityRotating"))
    #expect(world.condition("RotationPending")?.prefix(2) == ["True", "NotReady"])
  }
}
