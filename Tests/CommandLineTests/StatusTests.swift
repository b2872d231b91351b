import ClusterSimulator
import Foundation
import JSON
import TestSupport
import Testing
import YAML

@Suite(.timeLimit(.minutes(5))) struct StatusTests {
  @Test func everyReleaseOfTheNamespaceHasARow() async throws {
    try await Cluster.run { cluster in
      try await cluster.put(milvusTLS: "b", status: .ready(expires: 100.5 * 86400, renews: 60.5 * 3600))
      try await cluster.put(milvusTLS: "its-tls", milvus: "a", status: .notReady)
      try await cluster.put(milvusTLS: "elsewhere", namespace: "kube-system", status: .notReady)
      let run = try await cluster.run("status")
      #expect(
        run.output == """
          MILVUS   EXTERNAL   INTERNAL   READY   VERIFIED   EXPIRES       RENEWS      REASON
          a        <none>     <none>     False   Unknown    <none>        <none>      Conflict
          b        TwoWay     true       True    True       in 100 days   in 2 days

          """
      )
      #expect(run.errors == "")
      #expect(run.status == 0)
    }
  }

  @Test func wideAddsTheMessageAndAbsoluteTimes() async throws {
    try await Cluster.run { cluster in
      try await cluster.put(milvusTLS: "its-tls", namespace: "kube-system", milvus: "a", status: .notReady)
      try await cluster.put(milvusTLS: "b", status: .ready(expires: 100.5 * 86400, renews: 60.5 * 3600))
      let run = try await cluster.run("status", "-A", "-o", "wide")
      let rows = run.output.split(separator: "\n")
      #expect(rows.count == 3)
      #expect(rows.first?.hasPrefix("NAMESPACE     MILVUS   EXTERNAL") ?? false)
      #expect(rows[1].contains(/20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ \(in 100 days\)/))
      #expect(rows[1].contains(/20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ \(in 2 days\)/))
      #expect(rows[2].hasPrefix("kube-system   a "))
      #expect(rows[2].hasSuffix("its-tls     Conflict   two values"))
      #expect(run.status == 0)
    }
  }

  @Test func aNameGivesOneObject() async throws {
    try await Cluster.run { cluster in
      try await cluster.put(milvusTLS: "its-tls", milvus: "a", status: .notReady)
      let wanted: JSONValue = [
        "namespace": "default", "milvus": "a", "milvusTLS": "its-tls", "external": .null, "internal": .null,
        "ready": "False", "verified": "Unknown", "reason": "Conflict", "message": "two values", "expires": .null,
        "renews": .null,
      ]
      let json = try await cluster.run("status", "a", "-o", "json")
      #expect(try JSONValue(parsing: json.output) == wanted)
      let yaml = try await cluster.run("status", "its-tls", "-o", "yaml")
      #expect(try YAML.parse(yaml.output) == wanted)
      let all = try await cluster.run("status", "-o", "json")
      #expect(try JSONValue(parsing: all.output) == [wanted])
    }
  }

  @Test func aStatusOfAFormerSpecificationProvesNothing() async throws {
    try await Cluster.run { cluster in
      try await cluster.put(milvusTLS: "a", status: .ready(expires: 86400, renews: 3600))
      try await cluster.changeSpec(of: "a")
      let run = try await cluster.run("status", "a", "-o", "json")
      let status = try JSONValue(parsing: run.output)
      #expect(status["ready"] == "Unknown")
      #expect(status["reason"] == "Stale")
      #expect(status["message"] == "The operator has not reported on generation 2 yet")
    }
  }

  @Test func whereThereIsNoneItSaysSoAsKubectlDoes() async throws {
    try await Cluster.run { cluster in
      let none = try await cluster.run("status", "-n", "empty")
      #expect(none.errors == "No resources found in empty namespace.\n")
      #expect(none.output == "")
      #expect(none.status == 0)
      let nowhere = try await cluster.run("status", "-A")
      #expect(nowhere.errors == "No resources found\n")
      #expect(nowhere.status == 0)
      let json = try await cluster.run("status", "-o", "json")
      #expect(json.output == "[]\n")
      #expect(json.errors == "")
      let missing = try await cluster.run("status", "missing")
      #expect(missing.errors.hasPrefix("Error: no MilvusTLS for Milvus \"missing\" in namespace default: "))
      #expect(missing.errors.split(separator: "\n").count == 1)
      #expect(missing.output == "")
      #expect(missing.status == 1)
    }
  }

  @Test(arguments: [["status", "a", "-A"], ["status", "-A", "-n", "b"]])
  func optionsThatContradictEachOtherAreRefused(arguments: [String]) throws {
    let run = try ProgramRun(arguments)
    #expect(run.status == 2)
    #expect(run.errors.contains("exclude each other"))
  }

  @Test func watchPrintsTheRowsThatChangeUntilCtrlC() async throws {
    try await Cluster.run { cluster in
      try await cluster.put(milvusTLS: "a", status: .notReady)
      try await cluster.put(milvusTLS: "b", status: .notReady)
      let run = try RunningCommand(["status", "--watch", "--kubeconfig", cluster.kubeconfig])
      defer { run.end() }
      try await eventually("it watches") { cluster.simulator.requests.count(.watch, "milvustls") > 0 }
      try await cluster.setStatus(.ready(expires: 10.5 * 86400, renews: 5.5 * 86400), of: "b")
      // What is not shown is no news.
      var same = JSONValue.notReady
      same["observedGeneration"] = 2
      try await cluster.setStatus(same, of: "a")
      try await cluster.simulator.store.delete(ObjectAddress(.milvusTLS, namespace: "default", name: "a"))
      var errors = run.errors.makeAsyncIterator()
      #expect(await errors.next() == "Warning: MilvusTLS default/a was deleted")
      run.interrupt()
      #expect(await run.status() == 0)
      #expect(
        await run.text() == """
          MILVUS   EXTERNAL   INTERNAL   READY   VERIFIED   EXPIRES   RENEWS   REASON
          a        <none>     <none>     False   Unknown    <none>    <none>   Conflict
          b        <none>     <none>     False   Unknown    <none>    <none>   Conflict
          b        TwoWay     true       True    True       in 10 days   in 5 days

          """
      )
    }
  }
}

extension JSONValue {
  fileprivate static let notReady: JSONValue = [
    "observedGeneration": 1, "conditions": [.condition("Ready", "False", "Conflict", "two values")],
  ]

  /// - Parameters:
  ///   - expires: seconds from now, as `renews`.
  fileprivate static func ready(expires: Double, renews: Double) -> JSONValue {
    let times = [expires, renews].map { Date(timeIntervalSinceNow: $0).formatted(.iso8601) }
    return [
      "observedGeneration": 1, "external": "TwoWay", "internal": true,
      "certificate": [
        "secretName": "certs", "source": "Operator", "serialNumber": "1", "notBefore": "2026-01-01T00:00:00Z",
        "notAfter": .string(times[0]), "renewalTime": .string(times[1]),
      ],
      "conditions": [
        .condition("Ready", "True", "Configured", "yes"), .condition("Verified", "True", "HandshakesConfirm", "yes"),
      ],
    ]
  }
}
