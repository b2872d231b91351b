import Foundation
import JSON
import PKI
import Testing

@testable import MilvusTLS

/// Which ports are asked, what their answers prove, and what that makes of `Verified`.
@Suite struct HandshakeTests {
  private func ready(_ annotations: [String: String], spec: JSONValue = ["mode": "cluster"]) throws -> World {
    let names = Dictionary(uniqueKeysWithValues: annotations.map { ("tls.milvus.io/" + $0, $1) })
    var world = World(annotations: names, spec: spec)
    #expect(try world.settle())
    return world
  }

  private func verified(_ world: inout World) throws -> [String] {
    #expect(try world.settle())
    return try #require(world.condition("Verified"))
  }

  private func endpoints(_ world: World) -> [String] {
    (world.plan.evidence.handshakes?.endpoints ?? []).map { "\($0.name) \($0.address) \($0.serverName)" }
  }

  private let yes = Verdict.confirmed(evidence: "yes")

  // MARK: Endpoints

  @Test func clientsPortsAreAskedOfTheProxyAndInternalOnesOfAll() throws {
    var world = try ready(["external": "TwoWay", "internal": "true"])
    world.addPod("proxy-1", address: "10.0.0.1")
    world.addPod("query-1", component: "querynode", address: "10.0.0.2")
    world.addPod("mix-1", component: "mixcoord", address: "fd00::3")
    let name = "my-release-milvus.default.svc"
    #expect(
      endpoints(world) == [
        "mix-1/internal-53100 [fd00::3]:53100 \(name)", "mix-1/internal-13333 [fd00::3]:13333 \(name)",
        "mix-1/internal-19531 [fd00::3]:19531 \(name)", "proxy-1/external 10.0.0.1:19530 \(name)",
        "proxy-1/rest 10.0.0.1:8080 \(name)", "proxy-1/internal-19529 10.0.0.1:19529 \(name)",
        "query-1/internal-21123 10.0.0.2:21123 \(name)",
      ]
    )
    let handshakes = try #require(world.plan.evidence.handshakes)
    #expect(handshakes.client?.name == "certs-client")
    #expect(handshakes.authorities == [try #require(world.certificate(in: "certs-ca"))])
    #expect(handshakes.endpoints.filter(\.requiresClientCertificate).map(\.kind) == [.external, .rest])
    #expect(world.plan.wakeUp == World.now + 3600)
  }

  @Test func portsAndNameOfTheConfigurationCount() throws {
    let config: JSONValue = [
      "proxy": ["port": 20000, "http": ["port": "9000"]], "queryNode": ["port": 20001],
      "internaltls": ["sni": "localhost"],
    ]
    var world = try ready(["external": "OneWay", "internal": "true"], spec: ["mode": "cluster", "config": config])
    world.addPod("proxy-1", address: "10.0.0.1")
    world.addPod("query-1", component: "querynode", address: "10.0.0.2")
    #expect(
      endpoints(world) == [
        "proxy-1/external 10.0.0.1:20000 my-release-milvus.default.svc",
        "proxy-1/rest 10.0.0.1:9000 my-release-milvus.default.svc", "proxy-1/internal-19529 10.0.0.1:19529 localhost",
        "query-1/internal-20001 10.0.0.2:20001 localhost",
      ]
    )
  }

  @Test func podsThatAreNotReadyOrOfTheFormerTemplateAreNotAsked() throws {
    var world = try ready(["external": "OneWay"])
    world.addPod("a", isReady: false, address: "10.0.0.1")
    world.addPod("b", digest: "former", address: "10.0.0.2")
    world.addPod("c", isDeleting: true, address: "10.0.0.3")
    world.addPod("d")
    #expect(endpoints(world).isEmpty)
  }

  @Test func withoutHandshakesExternalTLSStaysUnknown() throws {
    var world = World()
    world.addMilvusTLS([
      "metadata": ["name": "my-release"],
      "spec": ["external": ["mode": "OneWay"], "verification": ["handshake": false]],
    ])
    #expect(try world.settle())
    world.addPod("a", address: "10.0.0.1")
    #expect(world.plan.evidence.handshakes == nil)
    #expect(try verified(&world)[0...1] == ["Unknown", "HandshakesNotMade"])
  }

  /// A CA rotation goes on without handshakes, but not without what the logs have to say.
  @Test func withoutHandshakesADoubtAboutInternalTLSComesFirst() throws {
    var world = World()
    world.addMilvusTLS([
      "metadata": ["name": "my-release"],
      "spec": ["external": ["mode": "OneWay"], "internal": ["enabled": true], "verification": ["handshake": false]],
    ])
    #expect(try world.settle())
    world.addPod("a", address: "10.0.0.1", log: .unknown(reason: "rotated away"))
    #expect(try verified(&world)[0...1] == ["Unknown", "LogUnclear"])
  }

  // MARK: Verified

  private func tell(
    _ world: inout World,
    _ verdict: Verdict,
    kinds: Set<Endpoint.Kind> = [.external, .rest, .internal]
  ) {
    for endpoint in world.plan.evidence.handshakes?.endpoints ?? [] where kinds.contains(endpoint.kind) {
      world.observation.evidence.handshakes[endpoint.memoryKey] = verdict
    }
  }

  /// The log of a pod that nobody restarted still says that internal TLS is enabled, with the former certificate.
  @Test func podsThatShowNoCertificateKeepTheRestartPending() throws {
    var world = World()
    world.addMilvusTLS([
      "metadata": ["name": "my-release"],
      "spec": ["external": ["mode": "OneWay"], "internal": ["enabled": true], "rotation": ["restart": false]],
    ])
    #expect(try world.settle())
    let log = Verdict.confirmed(evidence: "[value=true]")
    world.observation.now += 600
    world.addPod("a", address: "10.0.0.1", startedAt: world.observation.now, log: log)
    world.addPod("b", component: "datanode", startedAt: world.observation.now, log: log)
    world.annotate("rotate", "1")
    #expect(try world.settle())
    for (pods, isPending) in [(["a"], true), (["b"], false)] {
      world.observation.now += 300
      for pod in pods {
        let isProxy = pod == "a"
        world.addPod(
          pod,
          component: isProxy ? "proxy" : "datanode",
          address: isProxy ? "10.0.0.1" : nil,
          startedAt: world.observation.now,
          log: log
        )
      }
      #expect(try world.settle())
      tell(&world, .confirmed(evidence: "yes"))
      #expect(try world.settle())
      #expect(world.condition("Verified")?[1] == "LogsAndHandshakesConfirm")
      #expect((world.condition("RestartPending")?[0] == "True") == isPending, "\(pods)")
    }
  }

  @Test func externalTLSIsVerifiedByTheHandshakeWithEveryProxy() throws {
    var world = try ready(["external": "OneWay"])
    world.addPod("a", address: "10.0.0.1")
    #expect(try verified(&world) == ["Unknown", "WaitingForHandshakes", "Pod a, gRPC port: no handshake yet"])
    tell(&world, yes)
    #expect(try verified(&world) == ["True", "HandshakesConfirm", "2 handshakes with 1 pod confirmed the certificate"])
    world.addPod("b", address: "10.0.0.2")
    #expect(try verified(&world)[1] == "WaitingForHandshakes")
  }

  @Test func oneRefutedPortIsFalseWhateverTheLogsSay() throws {
    var world = try ready(["external": "OneWay", "internal": "true"])
    world.addPod("a", address: "10.0.0.1", log: yes)
    tell(&world, yes)
    tell(&world, .refuted(evidence: "plaintext"), kinds: [.internal])
    #expect(try verified(&world) == ["False", "HandshakeRefutes", "Pod a, internal port: plaintext"])
    tell(&world, yes)
    #expect(try verified(&world)[0...1] == ["True", "LogsAndHandshakesConfirm"])
  }

  @Test func whereTheLogCannotTellAHandshakeDoes() throws {
    var world = try ready(["internal": "true"])
    world.addPod("a", address: "10.0.0.1", log: .unknown(reason: "rotated"))
    #expect(try verified(&world)[1] == "LogUnclear")
    tell(&world, yes)
    #expect(try verified(&world)[0] == "True")
    tell(&world, .unknown(reason: "not reached"))
    #expect(try verified(&world) == ["Unknown", "LogUnclear", "Log of pod a: rotated"])
  }

  @Test func aPortOutOfReachLeavesInternalTLSToTheLog() throws {
    var world = try ready(["internal": "true"])
    world.addPod("a", address: "10.0.0.1", log: yes)
    tell(&world, .unknown(reason: "not reached"))
    #expect(try verified(&world)[0...1] == ["True", "LogsConfirm"])
  }

  @Test func verdictsAreRememberedForTheRunAndTheCertificateThatTheyAreOf() throws {
    var world = try ready(["external": "OneWay"])
    world.addPod("a", address: "10.0.0.1")
    tell(&world, yes)
    #expect(try verified(&world)[0] == "True")
    // A restarted operator knows only what the status says.
    world.observation.evidence.handshakes = try #require(world.milvusTLS).status.evidence.handshakes
    #expect(world.plan.statuses.isEmpty)
    world.addPod("a", restartCount: 1, address: "10.0.0.1")
    #expect(try verified(&world)[1] == "WaitingForHandshakes")
  }

  // MARK: Answers

  private struct Answerer {
    let endpoint: Endpoint
    let served: Certificate
    let other: Certificate

    func report(_ outcome: TLSProbe.Outcome, _ certificate: Certificate? = nil, fault: ChainFault? = nil)
      -> TLSProbe.Report
    {
      TLSProbe.Report(
        outcome: outcome,
        server: TLSProbe.Server(
          chain: [certificate ?? served],
          version: .tls13,
          applicationProtocol: "h2",
          requestsClientCertificate: false,
          fault: fault
        )
      )
    }
  }

  private func answerer(_ mode: String) throws -> Answerer {
    var world = try ready(["external": mode])
    world.addPod("a", address: "10.0.0.1")
    return Answerer(
      endpoint: try #require(world.plan.evidence.handshakes?.endpoints.first),
      served: try #require(world.certificate(in: "certs")),
      other: try #require(world.certificate(in: "certs-ca"))
    )
  }

  private enum Word { case yes, no, unknown }

  private func word(_ verdict: Verdict) -> Word {
    switch verdict {
    case .confirmed: .yes
    case .refuted, .outdated: .no
    case .unknown: .unknown
    }
  }

  @Test func oneWayTLSIsProvenByTheSecretsCertificateAlone() throws {
    let it = try answerer("OneWay")
    let fault = ChainFault(kind: .expired, error: PKIError(operation: "verify", reason: "expired"))
    let table: [(TLSProbe.Report, Word)] = [
      (it.report(.accepted), .yes), (it.report(.noAnswer), .yes), (it.report(.accepted, it.other), .no),
      (it.report(.untrusted(fault), fault: fault), .no), (it.report(.refused(.certificateRequired)), .no),
      (TLSProbe.Report(outcome: .notTLS, server: nil), .no),
      (TLSProbe.Report(outcome: .connectionRefused, server: nil), .unknown),
      (TLSProbe.Report(outcome: .timedOut(.connection), server: nil), .unknown),
      (TLSProbe.Report(outcome: .timedOut(.handshake), server: nil), .unknown),
      (TLSProbe.Report(outcome: .unreachable("no route"), server: nil), .unknown),
      (it.report(.closed(.answer)), .unknown),
    ]
    for (report, wanted) in table {
      #expect(
        word(it.endpoint.verdict(on: HandshakeAnswers(withoutCertificate: report))) == wanted,
        "\(report.outcome)"
      )
    }
  }

  @Test func restHasToAnswerHTTPToo() throws {
    let it = try answerer("OneWay")
    var answers = HandshakeAnswers(withoutCertificate: it.report(.noAnswer))
    answers.http = .status(404)
    guard case .confirmed(let evidence) = it.endpoint.verdict(on: answers) else {
      throw FieldError(field: "x", problem: "y")
    }
    #expect(evidence.hasSuffix("; answers HTTP 404"))
    answers.http = .failure("GET /: timed out")
    #expect(it.endpoint.verdict(on: answers) == .unknown(reason: "GET /: timed out"))
    answers.withoutCertificate = it.report(.accepted, it.other)
    #expect(word(it.endpoint.verdict(on: answers)) == .no, "whatever HTTP says")
  }

  @Test func oneInternalPortOfSeveralIsEnoughWhereTheLogCannotTell() throws {
    var world = try ready(["internal": "true"], spec: [:])
    world.addPod("a", component: "standalone", address: "10.0.0.1", log: .unknown(reason: "rotated"))
    tell(&world, .unknown(reason: "nothing listens there"))
    #expect(try verified(&world)[1] == "LogUnclear")
    let endpoints = try #require(world.plan.evidence.handshakes?.endpoints)
    #expect(endpoints.count == 8)
    world.observation.evidence.handshakes[endpoints[3].memoryKey] = yes
    #expect(try verified(&world)[0] == "True")
  }

  @Test func twoWayTLSIsProvenByRefusingOthersAndLettingOursIn() throws {
    let it = try answerer("TwoWay")
    let (refused, accepted) = (it.report(.refused(.badCertificate)), it.report(.accepted))
    let table: [(TLSProbe.Report, TLSProbe.Report?, TLSProbe.Report?, Word)] = [
      (refused, accepted, refused, .yes), (refused, nil, refused, .yes), (accepted, accepted, refused, .no),
      (refused, accepted, accepted, .no), (refused, refused, refused, .no),
      (refused, it.report(.closed(.answer)), refused, .unknown),
      (it.report(.noAnswer), accepted, refused, .unknown),
      (it.report(.refused(.badCertificate), it.other), accepted, refused, .no),
    ]
    for (anyone, client, stranger, wanted) in table {
      let answers = HandshakeAnswers(withoutCertificate: anyone, withOwnClient: client, withUntrustedClient: stranger)
      #expect(
        word(it.endpoint.verdict(on: answers)) == wanted,
        "\(anyone.outcome) \(String(describing: client?.outcome))"
      )
    }
    let evidence = it.endpoint.verdict(
      on: HandshakeAnswers(withoutCertificate: refused, withOwnClient: accepted, withUntrustedClient: refused)
    )
    let text =
      "10.0.0.1:19530 serves certificate \(it.served.serialNumber), valid until \(it.served.notAfter.kubernetesTime); "
    #expect(
      evidence
        == .confirmed(
          evidence: text
            + "refuses a client without a certificate, refuses a client certificate from an untrusted CA, accepts the client certificate of the operator"
        )
    )
  }

  // MARK: REST

  @Test(arguments: [Verdict.unknown(reason: "connection refused"), nil])
  func aRESTPortThatDoesNotConfirmLeavesTheMilvusUnverified(verdict: Verdict?) throws {
    var world = try ready(["external": "OneWay"])
    world.addPod("a", address: "10.0.0.1")
    tell(&world, yes, kinds: [.external])
    if let verdict { tell(&world, verdict, kinds: [.rest]) }
    #expect(try verified(&world)[0] == "Unknown")
    #expect(try verified(&world)[2].hasPrefix("Pod a, REST port: "))
    tell(&world, yes, kinds: [.rest])
    #expect(try verified(&world)[0] == "True")
  }

  @Test func noRESTPortIsAskedWhereRESTIsOff() throws {
    let config: JSONValue = ["proxy": ["http": ["enabled": false, "port": 8080]]]
    var world = try ready(["external": "OneWay"], spec: ["mode": "cluster", "config": config])
    world.addPod("a", address: "10.0.0.1")
    #expect(world.plan.evidence.handshakes?.endpoints.map(\.kind) == [.external])
  }

  // MARK: Pods that started with the former certificate

  @Test func aCertificateOfTheReleaseThatIsNotTheSecretsIsOutdatedAndAnyOtherRefuted() throws {
    let it = try answerer("OneWay")
    guard case .outdated = it.endpoint.verdict(on: HandshakeAnswers(withoutCertificate: it.report(.accepted, it.other)))
    else {
      Issue.record("another certificate of the CA is a former one")
      return
    }
    let fault = ChainFault(kind: .untrusted, error: PKIError(operation: "verify", reason: "unknown"))
    let stranger = HandshakeAnswers(withoutCertificate: it.report(.accepted, it.other, fault: fault))
    guard case .refuted = it.endpoint.verdict(on: stranger) else {
      Issue.record("a stranger's certificate is none of the release")
      return
    }
  }

  @Test func aPodThatCameUpWithTheFormerCertificateIsRolledAgainOnce() throws {
    var world = try ready(["external": "OneWay"])
    world.addPod("a", address: "10.0.0.1")
    tell(&world, yes)
    #expect(try verified(&world)[0] == "True")
    world.annotate("rotate", "1")
    #expect(try world.settle())
    let digest = try #require(world.value("components", "podAnnotations")?["tls.milvus.io/certificate"]?.string)
    // Its node had not seen the new Secret.
    world.addPod("a", restartCount: 1, address: "10.0.0.1")
    tell(&world, yes, kinds: [.rest])
    tell(&world, .outdated(evidence: "former"), kinds: [.external])
    #expect(try world.settle())
    let again = try #require(world.value("components", "podAnnotations")?["tls.milvus.io/certificate"]?.string)
    #expect(again != digest && again.hasPrefix(digest))
    guard case .patchMilvus(_, .restartAgain) = world.actions.last else {
      Issue.record("the pods are rolled again")
      return
    }
    // Not a second time for the same certificate.
    world.addPod("a", restartCount: 2, address: "10.0.0.1")
    tell(&world, yes, kinds: [.rest])
    tell(&world, .outdated(evidence: "former"), kinds: [.external])
    let patches = world.actions.count
    #expect(try verified(&world).prefix(2) == ["False", "HandshakeRefutes"])
    #expect(world.actions.count == patches)
    // The next certificate begins anew.
    world.annotate("rotate", "2")
    world.observation.pods = []
    #expect(try world.settle())
    let next = world.value("components", "podAnnotations")?["tls.milvus.io/certificate"]?.string
    #expect(next?.wholeMatch(of: /[0-9a-f]{64}-[0-9a-f]{16}/) != nil)
  }
}
