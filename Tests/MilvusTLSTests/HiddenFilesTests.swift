import Foundation
import JSON
import PKI
import Testing

@testable import MilvusTLS

/// What the pods serve is verified also where the operator cannot see the files, and leaves them alone.
@Suite struct HiddenFilesTests {
  /// After an upgrade the sections of the former coordinators are still there, and mixcoord runs without one.
  @Test(arguments: [("v2.6.4", false), ("v2.5.4", true)])
  func aComponentWithoutASectionCounts(version: String, hasItsFiles: Bool) {
    let lists: JSONValue = [
      "volumes": [["name": "tls", "secret": ["secretName": "house"]]],
      "volumeMounts": [["name": "tls", "mountPath": "/tls"]],
    ]
    var components: JSONValue = ["image": .string("milvusdb/milvus:\(version)")]
    let sections = ["proxy", "queryNode", "dataNode", "rootCoord", "dataCoord", "queryCoord", "indexCoord"]
    for section in sections + [version == "v2.6.4" ? "streamingNode" : "indexNode"] { components[section] = lists }
    let pods = ComponentPods.all(of: components, isCluster: true)
    #expect(pods.contains { $0.section == nil } == !hasItsFiles)
  }

  /// A Milvus whose image holds the files, with one pod.
  private func hidden(verification: JSONValue = [:]) throws -> World {
    let spec: JSONValue = [
      "config": [
        "common": ["security": ["tlsMode": 1]],
        "tls": [
          "serverPemPath": "/image/server.pem", "serverKeyPath": "/image/server.key", "caPemPath": "/image/ca.pem",
        ],
        "proxy": ["http": ["port": 8080]],
      ]
    ]
    var world = World(spec: spec)
    #expect(try world.settle())
    #expect(world.condition("Ready")?[0...1] == ["False", "FilesNotVisible"])
    world.addPod("s", digest: nil, component: "standalone", address: "10.0.0.1", image: "milvusdb/milvus:v2.4.9")
    world.respecify(["verification": verification])
    #expect(try world.settle())
    return world
  }

  private func certificate(days: Double) throws -> Certificate {
    try CertificateAuthority.selfSigned(
      subject: DistinguishedName(commonName: "somebody's"),
      algorithm: .ecdsa(.p256),
      validity: Validity(from: World.now - 86400, duration: (days + 1) * 86400)
    ).certificate
  }

  /// Each wanted port has these answers.
  private func answer(
    _ world: inout World,
    _ outcome: TLSProbe.Outcome,
    _ certificate: Certificate?,
    fault: ChainFault? = nil
  ) throws {
    let server = certificate.map {
      TLSProbe.Server(
        chain: [$0],
        version: .tls13,
        applicationProtocol: "h2",
        requestsClientCertificate: false,
        fault: fault
      )
    }
    for endpoint in try #require(world.plan.evidence.handshakes).endpoints {
      let answers = HandshakeAnswers(withoutCertificate: TLSProbe.Report(outcome: outcome, server: server))
      world.observation.evidence.handshakes[endpoint.memoryKey] = endpoint.verdict(on: answers)
      world.observation.evidence.served[endpoint.memoryKey] = certificate
    }
    #expect(try world.settle())
  }

  @Test func portsAreAskedForWhateverTheyServe() throws {
    let world = try hidden()
    let handshakes = try #require(world.plan.evidence.handshakes)
    #expect(handshakes.endpoints.map(\.name) == ["s/external", "s/rest"])
    #expect(handshakes.endpoints.allSatisfy { $0.certificate == nil })
    #expect(handshakes.authorities.isEmpty && handshakes.client == nil)
    #expect(!world.plan.evidence.plaintext.isEmpty)
    #expect(world.condition("Verified")?[0...1] == ["Unknown", "WaitingForHandshakes"])
    #expect(world.actions.count == 1, "the MilvusTLS, and nothing else")
  }

  @Test func aValidCertificateIsVerifiedAndItsExpiryExported() throws {
    var world = try hidden()
    let served = try certificate(days: 30)
    try answer(&world, .accepted, served)
    #expect(
      world.condition("Verified") == [
        "True", "HandshakesConfirm",
        "2 handshakes with 1 pod showed a valid certificate, which the operator compares with none",
      ]
    )
    #expect(world.condition("Ready")?[1] == "FilesNotVisible")
    let status = try #require(world.milvusTLS?.status)
    #expect(status.certificate?.source == .pods)
    #expect(status.certificate?.notAfter == served.notAfter.kubernetesTime)
    #expect(status.certificate?.serialNumber == served.serialNumber)
    // It survives the way through the API server, and makes no write again.
    #expect(MilvusTLSStatus(status.json) == status)
    #expect(world.plan.statuses.isEmpty)
  }

  @Test func anExpiredCertificateIsRefuted() throws {
    var world = try hidden()
    let error = PKIError(operation: "verify the server certificate somebody's", reason: "certificate has expired")
    try answer(&world, .accepted, try certificate(days: -0.5), fault: ChainFault(kind: .expired, error: error))
    #expect(world.condition("Verified")?[0...1] == ["False", "HandshakeRefutes"])
    #expect(world.condition("Verified")?[2].contains("certificate has expired") == true)
  }

  @Test func plaintextIsRefuted() throws {
    var world = try hidden()
    try answer(&world, .notTLS, nil)
    #expect(world.condition("Verified")?[0...1] == ["False", "HandshakeRefutes"])
    #expect(world.milvusTLS?.status.certificate == nil)
  }

  @Test func ofSeveralCertificatesTheFirstToExpireIsExported() throws {
    var world = try hidden()
    let (first, last) = (try certificate(days: 10), try certificate(days: 20))
    for (endpoint, served) in zip(try #require(world.plan.evidence.handshakes).endpoints, [last, first]) {
      world.observation.evidence.handshakes[endpoint.memoryKey] = .confirmed(evidence: "yes")
      world.observation.evidence.served[endpoint.memoryKey] = served
    }
    #expect(try world.settle())
    #expect(world.milvusTLS?.status.certificate?.notAfter == first.notAfter.kubernetesTime)
  }

  @Test func withoutHandshakesNothingIsProven() throws {
    let world = try hidden(verification: ["handshake": false])
    #expect(world.plan.evidence.handshakes == nil)
    #expect(world.condition("Verified")?[0...1] == ["Unknown", "HandshakesNotMade"])
  }

  @Test func whatIsHandedOverLeavesNothingOfIt() throws {
    var world = try hidden()
    try answer(&world, .accepted, try certificate(days: 30))
    world.setMilvus { milvus in
      milvus[JSONPointer(["metadata", "annotations", "tls.milvus.io/external"])] = "OneWay"
      milvus[JSONPointer(["spec", "config", "tls"])] = nil
    }
    #expect(try world.settle())
    #expect(world.condition("Ready")?[1] == "Configured")
    #expect(world.milvusTLS?.status.certificate?.source == .operator)
  }
}
