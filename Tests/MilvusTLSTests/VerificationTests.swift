import Foundation
import JSON
import Testing

@testable import MilvusTLS

@Suite struct VerificationTests {
  private func ready() throws -> World {
    var world = World(annotations: ["tls.milvus.io/internal": "true"])
    #expect(try world.settle())
    return world
  }

  private func verified(_ world: inout World) throws -> [String] {
    #expect(try world.settle())
    return try #require(world.condition("Verified"))
  }

  private let yes = Verdict.confirmed(evidence: "[value=true]")
  private let no = Verdict.refuted(evidence: "[value=false]")

  @Test func everyReadyPodConfirmedIsTrue() throws {
    var world = try ready()
    world.addPod("a", log: yes)
    world.addPod("b", log: yes)
    #expect(try verified(&world)[0] == "True")
  }

  @Test func oneRefutedPodIsFalseAndNamed() throws {
    var world = try ready()
    world.addPod("a", log: yes)
    world.addPod("b", log: no)
    #expect(try verified(&world) == ["False", "LogRefutes", "Log of pod b: [value=false]"])
  }

  @Test func noPodIsUnknown() throws {
    var world = try ready()
    #expect(try verified(&world)[0...1] == ["Unknown", "NoPods"])
  }

  @Test func aPodOfTheTemplateBeforeIsUnknownHoweverItsLogReads() throws {
    var world = try ready()
    world.addPod("a", log: yes)
    world.addPod("old", digest: "another", log: yes)
    #expect(try verified(&world)[0...1] == ["Unknown", "RollingOut"])
    #expect(!world.plan.evidence.logs.contains { $0.name == "old" })
  }

  @Test func podsThatGoOrHaveEndedDoNotCount() throws {
    var world = try ready()
    world.addPod("a", log: yes)
    world.addPod("going", isDeleting: true, log: no)
    world.addPod("evicted", phase: "Failed")
    #expect(try verified(&world)[0] == "True")
  }

  /// A StatefulSet gives the pod that follows the same name: milvus-operator can run query nodes so.
  @Test func thePodThatFollowsUnderTheSameNameIsProvenAnew() throws {
    var world = try ready()
    world.addPod("querynode-0", component: "querynode", log: yes)
    #expect(try verified(&world)[0] == "True")
    world.addPod("querynode-0", uid: "uid-of-the-next", component: "querynode")
    #expect(try verified(&world)[0...1] == ["Unknown", "WaitingForPods"])
    #expect(world.plan.evidence.logs.map(\.uid) == ["uid-of-the-next"])
    world.addPod("querynode-0", uid: "uid-of-the-next", component: "querynode", log: no)
    #expect(try verified(&world)[0...1] == ["False", "LogRefutes"])
  }

  @Test func aLogThatCannotBeReadIsSaidAndNotKept() throws {
    var world = try ready()
    world.addPod("a")
    let run = try #require(world.observation.pods.first).run
    world.observation.evidence.logProblems[run] = "Forbidden"
    #expect(try verified(&world) == ["Unknown", "LogUnreadable", "Log of pod a: Forbidden"])
    #expect(world.milvusTLS?.status.evidence.logs.isEmpty == true)
    #expect(world.plan.evidence.logs.map(\.name) == ["a"])
  }

  @Test func aPodNotYetReadyIsUnknown() throws {
    var world = try ready()
    world.addPod("a", isReady: false, log: yes)
    #expect(try verified(&world)[0...1] == ["Unknown", "WaitingForPods"])
  }

  @Test func aLogThatDoesNotTellIsUnknownNeverTrue() throws {
    var world = try ready()
    world.addPod("a", log: yes)
    world.addPod("b", log: .unknown(reason: "rotated"))
    #expect(try verified(&world) == ["Unknown", "LogUnclear", "Log of pod b: rotated"])
  }

  @Test func logsAreReadOncePerContainerRunAndRememberedInTheStatus() throws {
    var world = try ready()
    world.addPod("a")
    #expect(world.plan.evidence.logs.map(\.name) == ["a"])
    #expect(world.plan.evidence.logs.map(\.container) == ["proxy"])
    world.addPod("a", log: yes)
    #expect(try verified(&world)[0] == "True")
    // A restarted operator knows only what the status says.
    world.observation.evidence.logs = try #require(world.milvusTLS).status.evidence.logs
    #expect(world.plan == TLSPlan(wakeUp: world.plan.wakeUp))
    world.addPod("a", restartCount: 1)
    #expect(world.plan.evidence.logs.map(\.name) == ["a"])
  }

  @Test func externalTLSAloneIsNeverVerifiedFromLogs() throws {
    var world = World(annotations: ["tls.milvus.io/external": "OneWay"])
    #expect(try world.settle())
    world.addPod("a")
    #expect(try verified(&world)[0] == "Unknown")
    #expect(world.plan.evidence.logs.isEmpty)
  }

  @Test func transitionTimesChangeOnlyWithTheStatus() throws {
    var world = try ready()
    world.addPod("a", log: yes)
    _ = try verified(&world)
    let before = world.milvusTLS?.status.condition(.verified)?.lastTransitionTime
    world.observation.now += 60
    world.addPod("b", log: yes)
    #expect(try verified(&world)[2].contains("2 pods"))
    #expect(world.milvusTLS?.status.condition(.verified)?.lastTransitionTime == before)
    world.addPod("b", log: no)
    _ = try verified(&world)
    #expect(world.milvusTLS?.status.condition(.verified)?.lastTransitionTime != before)
  }
}
