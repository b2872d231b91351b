import Foundation
import JSON
import Testing

@testable import MilvusTLS

@Suite struct ObservedPodTests {
  private func pod(
    _ status: JSONValue = [:],
    component: JSONValue = "proxy",
    containers: [JSONValue] = ["istio-proxy", "proxy"]
  ) throws -> ObservedPod {
    var status = status
    status["name"] = containers.last
    let object: JSONValue = [
      "metadata": [
        "name": "p", "namespace": "default", "uid": "u",
        "labels": ["app.kubernetes.io/instance": "my-release", "app.kubernetes.io/component": component],
      ],
      "spec": ["containers": .array(containers.map { ["name": $0] })],
      "status": ["phase": "Running", "containerStatuses": [["name": "istio-proxy", "restartCount": 9], status]],
    ]
    return try #require(ObservedPod(object))
  }

  @Test func theContainerNamedAfterTheComponentIsTheOneToRead() throws {
    #expect(try pod().container == "proxy")
    #expect(try pod(["restartCount": 2]).run == ContainerRun(podUID: "u", container: "proxy", restartCount: 2))
    #expect(try pod(component: "mixcoord", containers: ["milvus"]).container == "milvus")
  }

  @Test func aRunningContainerTellsSinceWhen() throws {
    let pod = try pod(["state": ["running": ["startedAt": "2024-12-03T10:22:30Z"]]])
    #expect(pod.startedAt == Date(timeIntervalSince1970: 1_733_221_350))
    #expect(pod.hasLog)
    #expect(pod.crash == nil)
  }

  @Test func aContainerThatHasNotRunHasNoLogAndACrashedOneHas() throws {
    #expect(try !pod(["state": ["waiting": ["reason": "ContainerCreating"]]]).hasLog)
    #expect(try pod(["state": ["waiting": ["reason": "CrashLoopBackOff"]]]).hasLog)
    let again = try pod(["state": ["running": [:]], "lastState": ["terminated": ["exitCode": 1]]])
    #expect(again.crash == nil, "the run before it does not count any more")
  }

  @Test func aCrashedRunIsReadOnceAndRememberedInTheStatus() throws {
    var world = World(annotations: ["tls.milvus.io/internal": "true"])
    #expect(try world.settle())
    world.addPod("a", isReady: false)
    let running = try #require(world.observation.pods.first)
    #expect(world.plan.evidence.logs == [running])

    let crashed = try #require(world.crashed("a"))
    #expect(crashed.crash != nil)
    world.observation.pods = [crashed]
    #expect(world.plan.evidence.logs == [crashed])
    world.observation.evidence.logs[crashed.run] = .refuted(evidence: "panic: tls: x")
    #expect(try world.settle())
    #expect(world.condition("Verified") == ["False", "LogRefutes", "Log of pod a: panic: tls: x"])

    // A restarted operator knows only what the status says.
    world.observation.evidence.logs = try #require(world.milvusTLS).status.evidence.logs
    #expect(world.plan == TLSPlan(wakeUp: world.plan.wakeUp))
  }
}

extension ObservedPodTests {
  @Test func forExternalTLSAloneOnlyTheCrashOfAServerIsRead() throws {
    var world = World(annotations: ["tls.milvus.io/external": "OneWay"])
    #expect(try world.settle())
    world.addPod("a", isReady: false, component: "proxy")
    world.addPod("b", isReady: false, component: "querynode")
    #expect(world.plan.evidence.logs.isEmpty && world.plan.evidence.crashLogs.isEmpty)
    let crashed = try ["a", "b"].map { try #require(world.crashed($0)) }
    world.observation.pods = crashed
    #expect(world.plan.evidence.logs.isEmpty)
    #expect(world.plan.evidence.crashLogs.map(\.name) == ["a"])
    world.observation.evidence.logs[crashed[0].run] = .refuted(evidence: "panic: tls: x")
    #expect(try world.settle())
    #expect(world.condition("Verified") == ["False", "LogRefutes", "Log of pod a: panic: tls: x"])
    world.observation.evidence.logs[crashed[0].run] = .unknown(reason: "y")
    #expect(try world.settle())
    #expect(world.condition("Verified")?[1] == "WaitingForPods")
  }
}

extension World {
  /// A pod as it is while its container waits to be started again.
  fileprivate func crashed(_ name: String) -> ObservedPod? {
    observation.pods.first { $0.name == name }.flatMap { pod in
      ObservedPod([
        "metadata": [
          "name": .string(name), "namespace": .string(pod.namespace), "uid": .string(pod.uid),
          "labels": ["app.kubernetes.io/instance": .string(pod.milvus)],
          "annotations": ["tls.milvus.io/certificate": .string(pod.digest ?? "")],
        ],
        "spec": ["containers": [["name": .string(pod.container)]]],
        "status": [
          "phase": "Running",
          "containerStatuses": [
            [
              "name": .string(pod.container), "restartCount": 0, "state": ["waiting": ["reason": "CrashLoopBackOff"]],
              "lastState": ["terminated": ["reason": "Error", "exitCode": 1]],
            ]
          ],
        ],
      ])
    }
  }
}
