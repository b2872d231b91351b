import Foundation
import JSON
import PKI
import Testing

@testable import MilvusTLS

/// The status as the API stores it, and the conventions of its conditions.
@Suite struct StatusTests {
  private func running() throws -> World {
    var world = World(annotations: ["tls.milvus.io/external": "OneWay", "tls.milvus.io/internal": "true"])
    #expect(try world.settle())
    world.addPod("a", component: "standalone", address: "10.0.0.1", log: .confirmed(evidence: "[value=true]"))
    for endpoint in world.plan.evidence.handshakes?.endpoints ?? [] {
      world.observation.evidence.handshakes[endpoint.memoryKey] = .confirmed(evidence: "yes")
    }
    #expect(try world.settle())
    #expect(world.condition("Verified")?[0] == "True")
    return world
  }

  @Test func aStatusThatIsReadIsWrittenAsItWas() throws {
    var world = try running()
    world.annotate("rotate-authority", "1")
    #expect(try world.settle())
    let status = try #require(world.milvusTLS).status
    #expect(status.certificate?.digest != nil)
    #expect(!status.pods.isEmpty && !status.endpoints.isEmpty && !status.clients.isEmpty)
    #expect(MilvusTLSStatus(status.json) == status)
  }

  @Test func whatALaterVersionWroteIsLeftOut() {
    let status = MilvusTLSStatus([
      "conditions": [["type": "Invented", "status": "True", "reason": "X", "message": ""]], "external": "ThreeWay",
      "certificate": ["secretName": "certs", "source": "Elsewhere"], "pods": [["name": "a", "verdict": "Perhaps"]],
    ])
    #expect(status == MilvusTLSStatus())
  }

  @Test func everyReasonBelongsToOneConditionAndFitsTheDefinition() {
    func check<Reason: ConditionReason>(_ type: Reason.Type) {
      for reason in Reason.allCases {
        #expect(reason.rawValue.wholeMatch(of: /[A-Z][A-Za-z]+/) != nil, "\(reason)")
        #expect(Condition(reason, "x").type == reason.type)
      }
    }
    check(ReadyReason.self)
    check(VerifiedReason.self)
    check(PendingReason.self)
    check(NoteReason.self)
    check(AuthorityRotation.Phase.self)
  }

  // MARK: Failures

  private func fail(_ world: inout World, _ message: String) throws -> TLSPlan.StatusChange? {
    let change = TLSPlanner.failure(message, world.observation)
    if let change { try world.perform(.writeStatus(change)) }
    return change
  }

  @Test func aFailureKeepsEveryOtherCondition() throws {
    var world = try running()
    world.annotate("rotate-authority", "1")
    #expect(try world.settle())
    let before = try #require(world.milvusTLS).status.conditions.filter { $0.type != .ready }
    #expect(before.contains { $0.type == .authorityRotating && $0.status == .true })
    let change = try #require(try fail(&world, "create certs: forbidden"))
    #expect(change.transitions.map(\.type) == [.ready])
    #expect(try #require(world.milvusTLS).status.conditions.filter { $0.type != .ready } == before)
  }

  @Test func aFailureThatDiffersInARequestIdOrADurationIsWrittenOnce() throws {
    var world = try running()
    let first = "denied the request: request id 5f1c9a2e-77aa-4c1b-9f6e-0d1e2f3a4b5c after 31 ms"
    #expect(try fail(&world, first) != nil)
    let second = "denied the request: request id 0b9d1c3e-12ab-4d5e-8f90-a1b2c3d4e5f6 after 7 ms"
    #expect(try fail(&world, second) == nil)
    #expect(try fail(&world, "create tls-1: exceeded quota") != nil)
    #expect(try fail(&world, "create tls-2: exceeded quota") != nil)
  }

  // MARK: Notes

  @Test func aNoteThatEndsIsSetToFalseWithItsTime() throws {
    var world = try running()
    world.setMilvus { $0[JSONPointer(["spec", "components", "image"])] = "milvusdb/milvus:latest" }
    #expect(try world.settle())
    #expect(world.notes("VersionAssumed"))
    world.observation.now += 60
    world.setMilvus { $0[JSONPointer(["spec", "components", "image"])] = "milvusdb/milvus:v2.5.4" }
    let ended = world.plan.statuses.flatMap(\.transitions).filter { $0.type == .versionAssumed }
    #expect(ended.map(\.isEvent) == [false], "nobody needs an event for it")
    #expect(try world.settle())
    let condition = try #require(world.milvusTLS?.status.condition(.versionAssumed))
    #expect(condition.status == .false && condition.reason == "Resolved")
    #expect(condition.lastTransitionTime == (World.now + 60).kubernetesTime)
  }

  @Test func theEndOfACARotationIsAnEvent() {
    let ended = Condition.ended(.authorityRotating, .completed)
    #expect(ended.status == .false && ended.reason == "Completed" && ended.isEvent && !ended.isWarning)
  }

  // MARK: Size

  @Test func aStatusHoldsWhatEtcdTakesAndWhatIsNotConfirmedFirst() throws {
    var world = World(annotations: ["tls.milvus.io/internal": "true"], spec: ["mode": "cluster"])
    #expect(try world.settle())
    let evidence = String(repeating: "x", count: 300)
    for index in 0..<2500 {
      let log: Verdict = index == 2400 ? .unknown(reason: "rotated") : .confirmed(evidence: evidence)
      world.addPod("node-\(index)", component: "querynode", address: "10.0.\(index / 250).\(index % 250)", log: log)
    }
    for endpoint in world.plan.evidence.handshakes?.endpoints ?? [] {
      world.observation.evidence.handshakes[endpoint.memoryKey] = .confirmed(evidence: evidence)
    }
    #expect(try world.settle())
    let status = try #require(world.milvusTLS).status
    #expect(status.pods.count == StatusDraft.podLimit && status.endpoints.count == StatusDraft.endpointLimit)
    #expect(status.pods.contains { $0.name == "node-2400" })
    #expect(status.json.description.utf8.count < 1_000_000)
  }
}
