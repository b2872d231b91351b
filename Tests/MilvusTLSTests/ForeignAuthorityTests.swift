import Foundation
import JSON
import PKI
import Testing

@testable import MilvusTLS

/// Authorities that their owners keep in Secrets of their own (`authority.secretName`).
@Suite struct ForeignAuthorityTests {
  private func world(_ files: [String: String]) throws -> World {
    var world = World()
    world.addSecret("corporate", role: nil, data: files)
    world.addMilvusTLS([
      "metadata": ["name": "my-release"],
      "spec": ["internal": ["enabled": true], "authority": ["secretName": "corporate", "overlap": "0s"]],
    ])
    #expect(try world.settle())
    return world
  }

  private func contents(_ world: World, _ secret: String) throws -> ObservedSecret.CertificateContents {
    guard case .certificate(let contents) = world.observation.secrets[secret]?.contents else {
      throw FieldError(field: secret, problem: "holds no certificate")
    }
    return contents
  }

  private func roll(_ world: inout World) throws {
    world.observation.pods = []
    world.generation += 1
    world.addPod("a\(world.generation)", log: .confirmed(evidence: "[value=true]"))
    #expect(try world.settle())
  }

  private func replace(_ world: inout World, with authority: HandMadeAuthority) {
    world.removeForeignSecret("corporate")
    world.addSecret("corporate", role: nil, data: authority.files)
  }

  @Test(arguments: HandMadeAuthority.KeyFormat.allCases)
  func anAuthorityAsTheManualMakesItSignsAndIsNeverWrittenTo(format: HandMadeAuthority.KeyFormat) throws {
    let authority = try HandMadeAuthority("corporate", format)
    let world = try world(authority.files)
    #expect(world.condition("Ready")?.prefix(2) == ["True", "Configured"])
    for (secret, purpose) in [("certs", Purpose.server), ("certs-client", .client)] {
      let contents = try contents(world, secret)
      #expect(contents.authorities == authority.chain)
      try ChainVerifier.verify(
        leaf: contents.certificate,
        authorities: contents.authorities,
        purpose: purpose,
        at: World.now + 60
      )
    }
    #expect(world.data(of: "corporate") == authority.files)
    #expect(world.observation.secrets["corporate"] == nil && world.observation.secrets["certs-ca"] == nil)
    #expect(world.milvusTLS?.status.json[path: "authority", "source"] == "Secret")
    #expect(world.milvusTLS?.unmanagedSecretNames == ["corporate"], "its change concerns this Milvus")
  }

  @Test func leavesOfAnIntermediateCarryTheChainAndOnlyTheRootIsTrusted() throws {
    let authority = try HandMadeAuthority("issuing", under: HandMadeAuthority("corporate"))
    let world = try world(authority.files)
    for (secret, purpose) in [("certs", Purpose.server), ("certs-client", .client)] {
      let contents = try contents(world, secret)
      #expect(contents.intermediates == [authority.chain[0]])
      #expect(contents.authorities == [authority.chain[1]])
      try ChainVerifier.verify(
        leaf: contents.certificate,
        intermediates: contents.intermediates,
        authorities: contents.authorities,
        purpose: purpose,
        at: World.now + 60
      )
    }
    #expect(world.data(of: "certs")?["server.pem"]?.components(separatedBy: "BEGIN CERTIFICATE").count == 3)
  }

  @Test func anotherAuthorityInTheSecretComesIntoUseByTheSameSteps() throws {
    let (one, two) = (try HandMadeAuthority("one"), try HandMadeAuthority("two"))
    var world = try world(one.files)
    try roll(&world)
    let former = try contents(world, "certs").certificate
    replace(&world, with: two)
    #expect(try world.settle())
    #expect(try contents(world, "certs").certificate == former)
    #expect(try contents(world, "certs").authorities == one.chain + two.chain)
    #expect(try contents(world, "certs-client").authorities == one.chain + two.chain)
    #expect(world.condition("AuthorityRotating")?[1] == "TrustingBoth")

    try roll(&world)
    #expect(try contents(world, "certs").certificate.isIssued(by: two.chain[0]))
    #expect(try contents(world, "certs-client").certificate.isIssued(by: two.chain[0]))
    #expect(try contents(world, "certs").authorities == two.chain + one.chain)
    try roll(&world)
    #expect(try contents(world, "certs").authorities == two.chain)
    try roll(&world)
    #expect(!world.notes("AuthorityRotating"))
    #expect(world.condition("Verified")?[0] == "True")
  }

  @Test func anotherIntermediateOfTheSameRootNeedsOneRestart() throws {
    let root = try HandMadeAuthority("corporate")
    let (one, two) = (try HandMadeAuthority("one", under: root), try HandMadeAuthority("two", under: root))
    var world = try world(one.files)
    try roll(&world)
    replace(&world, with: two)
    #expect(try world.settle())
    #expect(try contents(world, "certs").intermediates == [two.chain[0]])
    #expect(try contents(world, "certs").authorities == root.chain)
    try roll(&world)
    #expect(!world.notes("AuthorityRotating"))
    #expect(world.condition("Verified")?[0] == "True")
  }

  @Test func fromTheOperatorsOwnAuthorityToOnesOwnAndBack() throws {
    let authority = try HandMadeAuthority("corporate")
    var world = World()
    world.addMilvusTLS([
      "metadata": ["name": "my-release"], "spec": ["internal": ["enabled": true], "authority": ["overlap": "0s"]],
    ])
    #expect(try world.settle())
    try roll(&world)
    world.addSecret("corporate", role: nil, data: authority.files)
    for (name, issuer) in [("corporate", "corporate"), ("certs-ca", "my-release-milvus authority")] {
      world.respecify(["authority": ["secretName": .string(name)]])
      #expect(try world.settle())
      #expect(try contents(world, "certs").authorities.count == 2)
      for _ in 0..<3 { try roll(&world) }
      #expect(try contents(world, "certs").certificate.issuer.commonName == issuer)
      #expect(try contents(world, "certs").authorities.count == 1)
      #expect(world.condition("Verified")?[0] == "True")
    }
  }

  @Test(
    arguments: [
      (["ca.key"], "the Secret has no ca.key"), (["ca.pem"], "the Secret has no ca.pem"),
      (["ca.pem", "ca.key"], "the Secret has no ca.pem"),
    ]
  )
  func whatIsMissingIsNamedAndNothingIsWritten(missing: [String], message: String) throws {
    let files = try HandMadeAuthority("corporate").files.filter { !missing.contains($0.key) }
    let world = try world(files)
    #expect(world.condition("Ready")?[1] == "AuthorityInvalid")
    #expect(world.condition("Ready")?[2].contains(message) == true)
    #expect(world.actions.isEmpty)
  }

  @Test func aKeyOfAnotherAndACertificateOfNoAuthorityAreNamed() throws {
    let (one, two) = (try HandMadeAuthority("one"), try HandMadeAuthority("two"))
    let mixed = one.files.merging(["ca.key": try #require(two.files["ca.key"])]) { $1 }
    #expect(try world(mixed).condition("Ready")?[2].contains("ca.key is not the private key") == true)
    let rootless = try HandMadeAuthority("issuing", under: HandMadeAuthority("corporate"))
    let cut = rootless.files.merging(["ca.pem": rootless.chain[0].pem]) { $1 }
    #expect(try world(cut).condition("Ready")?[2].contains("lacks the root") == true)
    let leaf = try HandMade().files()
    let files = ["ca.pem": try #require(leaf[.certificate]), "ca.key": try #require(leaf[.privateKey])]
    #expect(try world(files).condition("Ready")?[2].contains("is no CA certificate") == true)
  }

  @Test func anAuthorityThatTurnsBadLeavesWhatItIssuedInUse() throws {
    var world = try world(try HandMadeAuthority("corporate").files)
    try roll(&world)
    let former = try contents(world, "certs")
    world.removeForeignSecret("corporate")
    world.addSecret("corporate", role: nil, data: ["ca.pem": "garbage", "ca.key": "garbage"])
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "AuthorityInvalid")
    #expect(try contents(world, "certs") == former)
  }

  @Test func aSecretThatIsGoneIsNotReplacedByAnAuthorityThatNobodyTrusts() throws {
    var world = try world(try HandMadeAuthority("corporate").files)
    world.removeForeignSecret("corporate")
    let done = world.actions.count
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "SecretMissing")
    #expect(world.actions.count == done)
  }

  @Test func aForeignSecretOfTheDefaultNameIsNotTakenForAnAuthority() throws {
    var world = World(annotations: ["tls.milvus.io/internal": "true"])
    world.addSecret("certs-ca", role: nil, data: try HandMadeAuthority("corporate").files)
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "SecretNotManaged")
  }

  @Test func theEndOfAnAuthorityThatTheOperatorCannotRenewIsToldInTime() throws {
    let authority = try HandMadeAuthority("corporate")
    var world = try world(authority.files)
    world.observation.now = authority.chain[0].notAfter - 1000 * 86400
    #expect(try world.settle())
    #expect(world.condition("AuthorityExpiring")?[2].contains("corporate") == true)
  }
}
