import Foundation
import JSON
import Testing

@testable import MilvusTLS

/// Internal TLS is proven by a log or by a handshake, and what neither can prove holds nothing up.
@Suite struct InternalProofTests {
  private let yes = Verdict.confirmed(evidence: "yes")
  private let cluster = ["proxy", "mixcoord", "querynode", "datanode", "streamingnode"]

  /// A Milvus that is configured for internal TLS.
  private func ready(_ spec: JSONValue = [:], milvus: JSONValue = ["mode": "cluster"]) throws -> World {
    var world = World(spec: milvus)
    let whole = JSONValue.object(["internal": ["enabled": true]]).merging(spec)
    world.addMilvusTLS(["metadata": ["name": "my-release"], "spec": whole])
    #expect(try world.settle())
    return world
  }

  private func verified(_ world: inout World) throws -> [String] {
    #expect(try world.settle())
    return try #require(world.condition("Verified"))
  }

  private func answer(
    _ world: inout World,
    _ verdict: Verdict,
    kinds: Set<Endpoint.Kind> = [.external, .rest, .internal]
  ) {
    for endpoint in world.plan.evidence.handshakes?.endpoints ?? [] where kinds.contains(endpoint.kind) {
      world.observation.evidence.handshakes[endpoint.memoryKey] = verdict
    }
  }

  /// milvus-operator's rollout: every pod is made anew, and answers.
  private func roll(_ world: inout World, _ components: [String], log: Verdict? = nil) throws {
    world.observation.pods = []
    world.generation += 1
    for (number, component) in components.enumerated() {
      let name = "\(component)-\(world.generation)"
      let speaks = component == "cdc" || component == "newnode" ? nil : log
      world.addPod(name, component: component, address: "10.0.\(world.generation).\(number)", log: speaks)
    }
    for _ in 0..<2 {
      #expect(try world.settle())
      answer(&world, yes)
    }
    #expect(try world.settle())
  }

  // MARK: Logs that cannot speak

  @Test(
    arguments: [
      ["level": "warn"], ["level": "WARN"], ["level": "error"], ["level": "fatal"],
      ["stdout": false, "file": ["rootPath": "/var/log/milvus"]], ["stdout": "false"],
    ] as [JSONValue]
  )
  func whereTheLoggerKeepsTheLineBackHandshakesAreEnough(log: JSONValue) throws {
    var world = try ready(milvus: ["mode": "cluster", "config": ["log": log]])
    world.addPod("a", address: "10.0.0.1", startedAt: World.now)
    #expect(try verified(&world)[1] == "WaitingForHandshakes")
    answer(&world, yes)
    #expect(
      try verified(&world) == ["True", "HandshakesConfirm", "1 handshake with 1 pod confirmed the certificate"]
    )
    answer(&world, .unknown(reason: "not reached"))
    let message = try verified(&world)
    #expect(message[0...1] == ["Unknown", "HandshakeUnclear"])
    #expect(message[2].contains("spec.config.log."), "\(message)")
    // A warning is written at these levels too.
    #expect(world.plan.evidence.logs.map(\.name) == ["a"])
    world.addPod("a", address: "10.0.0.1", startedAt: World.now, log: .refuted(evidence: "can't create creds"))
    #expect(try verified(&world)[1] == "LogRefutes")
  }

  @Test(arguments: [["level": "info"], ["level": "debug"], ["stdout": true], ["format": "json"]] as [JSONValue])
  func whereTheLoggerWritesTheLineItIsWaitedForAMoment(log: JSONValue) throws {
    var world = try ready(milvus: ["mode": "cluster", "config": ["log": log]])
    world.addPod("a", address: "10.0.0.1", startedAt: World.now)
    #expect(try world.settle())
    answer(&world, yes)
    #expect(try verified(&world) == ["Unknown", "WaitingForPods", "Logs of 1 of 1 pod not read yet (a)"])
    #expect(world.plan.wakeUp == World.now + LogVerification.patience)
    world.observation.now += LogVerification.patience
    #expect(try verified(&world)[0...1] == ["True", "HandshakesConfirm"])
    #expect(world.plan.evidence.logs.map(\.name) == ["a"], "it is read all the same")
  }

  @Test func aLogWithAProblemHoldsNoHandshakeUp() throws {
    var world = try ready()
    world.addPod("a", address: "10.0.0.1", startedAt: World.now)
    #expect(try world.settle())
    world.observation.evidence.logProblems[try #require(world.observation.pods.first).run] = "no line yet"
    #expect(try verified(&world)[0...1] == ["Unknown", "LogUnreadable"])
    answer(&world, yes)
    #expect(try verified(&world)[0...1] == ["True", "HandshakesConfirm"])
  }

  @Test func theMessageCountsThePodsOfEachProof() throws {
    var world = try ready()
    world.addPod("a", address: "10.0.0.1", log: yes)
    world.addPod("b", component: "querynode", address: "10.0.0.2", log: .unknown(reason: "rotated"))
    world.addPod("c", component: "datanode", address: "10.0.0.3", log: yes)
    #expect(try world.settle())
    answer(&world, .unknown(reason: "not reached"))
    for endpoint in world.plan.evidence.handshakes?.endpoints ?? [] where endpoint.podName == "b" {
      world.observation.evidence.handshakes[endpoint.memoryKey] = yes
    }
    #expect(
      try verified(&world) == [
        "True", "LogsAndHandshakesConfirm",
        "Logs of 2 pods say Internal TLS Enabled, value=true; 1 handshake with 1 pod confirmed the certificate",
      ]
    )
  }

  @Test func withoutHandshakesASilentLogIsReadinessAlone() throws {
    let config: JSONValue = ["log": ["level": "error"]]
    var world = try ready(
      ["verification": ["handshake": false], "authority": ["overlap": "0s"]],
      milvus: ["mode": "cluster", "config": config]
    )
    world.addPod("a", address: "10.0.0.1", log: .unknown(reason: "no line in 30 minutes"))
    let condition = try verified(&world)
    #expect(condition[0...1] == ["Unknown", "HandshakesNotMade"])
    #expect(condition[2].contains("spec.config.log.level is error"))
    world.annotate("rotate-authority", "1")
    #expect(try world.settle())
    #expect(world.condition("AuthorityRotating")?[1] == "TrustingBoth")
  }

  // MARK: What cannot be proven

  @Test func aCDCPodIsLeftOutByNameAndHoldsNoRotationUp() throws {
    var world = try ready(["authority": ["overlap": "0s"]])
    try roll(&world, cluster + ["cdc"], log: yes)
    let condition = try verified(&world)
    #expect(
      condition == [
        "True", "LogsConfirm",
        "Logs of 5 pods say Internal TLS Enabled, value=true; "
          + "internal TLS of cdc-1 is left out: a CDC component has no port and no log line that could prove it",
      ]
    )
    world.annotate("rotate-authority", "1")
    for step in ["TrustingBoth", "Replacing", "Finishing"] {
      #expect(try world.settle())
      #expect(world.condition("AuthorityRotating")?.prefix(2) == ["True", step])
      try roll(&world, cluster + ["cdc"], log: yes)
    }
    #expect(world.condition("AuthorityRotating")?.prefix(2) == ["False", "Completed"])
  }

  @Test(arguments: ["before it is read", "after half an hour", "after a crash"])
  func theLogOfACDCPodIsNotWaitedForAndRefutesAllTheSame(moment: String) throws {
    var world = try ready()
    let log: Verdict? =
      switch moment {
      case "after half an hour": .unknown(reason: "no line")
      case "after a crash": .refuted(evidence: "panic: tls: x")
      default: nil
      }
    world.addPod("a", address: "10.0.0.1", log: yes)
    world.addPod("c", component: "cdc", address: "10.0.0.2", startedAt: World.now, log: log)
    #expect(
      try verified(&world)[0...1] == (moment == "after a crash" ? ["False", "LogRefutes"] : ["True", "LogsConfirm"])
    )
  }

  @Test func aCDCPodThatIsNotReadyOrNotUpdatedStillCounts() throws {
    var world = try ready()
    world.addPod("a", log: yes)
    world.addPod("c", isReady: false, component: "cdc")
    #expect(try verified(&world)[0...1] == ["Unknown", "WaitingForPods"])
    world.addPod("c", digest: "former", component: "cdc")
    #expect(try verified(&world)[0...1] == ["Unknown", "RollingOut"])
  }

  @Test func nothingIsVerifiedWhereThereAreOnlyPodsThatNothingCanProve() throws {
    var world = try ready()
    world.addPod("c", component: "cdc")
    #expect(try verified(&world)[0...1] == ["Unknown", "NoPods"])
  }

  /// Its log may have the line; a port of it is not known.
  @Test func aComponentOfALaterReleaseIsProvenByItsLogOrLeftOut() throws {
    var world = try ready()
    world.addPod("a", log: yes)
    world.addPod("n", component: "newnode", startedAt: World.now)
    #expect(try verified(&world) == ["Unknown", "WaitingForPods", "Logs of 1 of 2 pods not read yet (n)"])
    world.addPod("n", component: "newnode", log: yes)
    #expect(try verified(&world)[2] == "Logs of 2 pods say Internal TLS Enabled, value=true")
    world.addPod("n", component: "newnode", log: .unknown(reason: "no line"))
    let condition = try verified(&world)
    #expect(condition[0...1] == ["True", "LogsConfirm"])
    #expect(condition[2].contains("internal TLS of n is left out"))
    world.addPod("n", component: "newnode", log: .refuted(evidence: "[value=false]"))
    #expect(try verified(&world)[1] == "LogRefutes")
  }

  // MARK: What has to be proven

  @Test(
    arguments: [
      (["proxy": ["http": ["port": 9000]]], true), ([:], true), (["proxy": ["http": ["enabled": false]]], false),
    ] as [(JSONValue, Bool)]
  )
  func restCountsWhereItIsServed(config: JSONValue, counts: Bool) throws {
    var world = try ready(["external": ["mode": "OneWay"]], milvus: ["mode": "cluster", "config": config])
    world.addPod("a", address: "10.0.0.1", log: yes)
    #expect(try world.settle())
    answer(&world, yes, kinds: [.external, .internal])
    #expect(try verified(&world)[1] == (counts ? "WaitingForHandshakes" : "LogsAndHandshakesConfirm"))
    answer(&world, .unknown(reason: "nothing listens"), kinds: [.rest])
    let condition = try verified(&world)
    #expect(condition[0] == (counts ? "Unknown" : "True"))
    if counts { #expect(condition[1...] == ["HandshakeUnclear", "Pod a, REST port: nothing listens"]) }
  }

  /// Milvus 2.5's streaming node has no internal TLS, and writes no line.
  @Test func aStreamingNodeThatServesPlaintextIsRefuted() throws {
    var world = try ready()
    world.addPod("a", log: yes)
    world.addPod("s", component: "streamingnode", address: "10.0.0.2")
    #expect(try world.settle())
    answer(&world, .refuted(evidence: "10.0.0.2:22222 answers in plaintext"))
    #expect(
      try verified(&world) == [
        "False", "HandshakeRefutes",
        "Pod s, internal port: 10.0.0.2:22222 answers in plaintext, although TLS is configured: "
          + "keys in etcd under <etcd.rootPath>/config may override it",
      ]
    )
  }

  @Test func aSpellingThatMilvusMayNotTakeIsNamedFirst() throws {
    var world = try ready(milvus: ["config": ["common": ["security": ["InternalTLSEnabled": true]]]])
    world.addPod("a", address: "10.0.0.2", log: yes)
    #expect(try world.settle())
    answer(&world, .refuted(evidence: "10.0.0.2:22222 answers in plaintext"))
    #expect(
      try verified(&world)[2]
        == "Pod a, internal port: 10.0.0.2:22222 answers in plaintext, although TLS is configured: "
        + "spec.config.common.security.InternalTLSEnabled is not spelled as in the image's milvus.yaml, and Milvus may "
        + "take that one"
    )
  }

  // MARK: What holds a rotation

  @Test func aPodThatIsNotReadyAgainHoldsARotationAndIsNamed() throws {
    var world = try ready(["authority": ["overlap": "2h"]])
    try roll(&world, ["proxy"], log: yes)
    world.annotate("rotate-authority", "1")
    #expect(try world.settle())
    world.observation.now += 120
    #expect(try world.settle())
    try roll(&world, ["proxy"], log: yes)
    #expect(world.condition("RotationPending")?[1] == "Overlap")
    // The rollout of this step has ended, and a pod fails later, before the next one.
    let name = try #require(world.observation.pods.first).name
    world.addPod(name, isReady: false, address: "10.0.9.9", log: yes)
    #expect(try world.settle())
    let pending = world.condition("RotationPending") ?? []
    #expect(pending.prefix(2) == ["True", "RolloutInProgress"], "\(pending)")
    #expect(pending.last?.contains("pod \(name) not ready") == true)
  }

  @Test func aRolloutThatIsOverdueIsSaidToHoldTheRotation() throws {
    var world = try ready(["authority": ["overlap": "0s"]])
    try roll(&world, ["proxy"], log: yes)
    world.annotate("rotate-authority", "1")
    #expect(try world.settle())
    #expect(!world.notes("RotationPending"), "a rollout belongs to the step")
    world.observation.now += 1800
    #expect(try world.settle())
    #expect(world.condition("RotationPending")?.prefix(2) == ["True", "RolloutInProgress"])
  }

  @Test func theEndOfARotationThatIsNotProvenIsPending() throws {
    var world = try ready(["authority": ["overlap": "0s"]])
    try roll(&world, ["proxy"], log: yes)
    world.annotate("rotate-authority", "1")
    #expect(try world.settle())
    for _ in 0..<2 { try roll(&world, ["proxy"], log: yes) }
    #expect(world.condition("AuthorityRotating")?[1] == "Finishing")
    world.observation.pods = []
    world.addPod("last", log: .unknown(reason: "rotated away"))
    #expect(try world.settle())
    #expect(world.condition("AuthorityRotating")?[1] == "Finishing")
    let pending = try #require(world.condition("RotationPending"))
    #expect(pending[0...1] == ["True", "NotVerified"])
    #expect(pending[2].contains("rotated away"))
    world.addPod("last", log: yes)
    #expect(try world.settle())
    #expect(world.condition("AuthorityRotating")?[1] == "Completed")
    #expect(!world.notes("RotationPending"))
  }
}
