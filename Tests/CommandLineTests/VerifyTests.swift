import ClusterSimulator
import Foundation
import JSON
import TestSupport
import Testing
import YAML

@Suite(.timeLimit(.minutes(5))) struct VerifyTests {
  private static let confirmed = JSONValue.status(
    verified: "True",
    "LogsConfirm",
    "in the log of 2 pods",
    [
      "pods": [
        .pod("my-release-milvus-standalone-1", verdict: "True", "[value=true]"),
        .pod("b", verdict: "Unknown", "two\nlines,\u{1b}[31m red"),
      ]
    ]
  )

  @Test func podsAndTheirEvidenceArePrintedAsATable() async throws {
    try await Cluster.run { cluster in
      try await cluster.put(milvusTLS: "my-release", status: Self.confirmed)
      let run = try await cluster.run("verify", "my-release")
      #expect(
        run.output == """
          MILVUS       VERIFIED   REASON        MESSAGE
          my-release   True       LogsConfirm   in the log of 2 pods

          POD                              CONTAINER    VERDICT   EVIDENCE
          my-release-milvus-standalone-1   standalone   True      [value=true]
          b                                standalone   Unknown   two lines, [31m red

          """
      )
      #expect(run.errors == "")
      #expect(run.status == 0)
    }
  }

  @Test func endpointsFollowThePodsInATableOfTheirOwn() async throws {
    try await Cluster.run { cluster in
      let endpoint: JSONValue = [
        "name": "my-release-milvus-standalone-1/external", "address": "10.0.0.1:19530", "podUID": "1",
        "restartCount": 0, "certificate": "ab", "verdict": "False",
        "evidence": "serves a different certificate",
      ]
      let pod = JSONValue.pod("my-release-milvus-standalone-1", verdict: "True", "[value=true]")
      let lists: [String: JSONValue] = ["pods": [pod], "endpoints": [endpoint]]
      let status = JSONValue.status(verified: "False", "HandshakeRefutes", "external", lists)
      try await cluster.put(milvusTLS: "my-release", status: status)
      let run = try await cluster.run("verify", "my-release")
      #expect(
        run.output == """
          MILVUS       VERIFIED   REASON             MESSAGE
          my-release   False      HandshakeRefutes   external

          POD                              CONTAINER    VERDICT   EVIDENCE
          my-release-milvus-standalone-1   standalone   True      [value=true]

          ENDPOINT                                  ADDRESS          VERDICT   EVIDENCE
          my-release-milvus-standalone-1/external   10.0.0.1:19530   False     serves a different certificate

          """
      )
      #expect(run.errors == "")
      #expect(run.status == 1)
    }
  }

  @Test func portsThatAnswerWithoutTLSHaveATableOfTheirOwn() async throws {
    try await Cluster.run { cluster in
      let port: JSONValue = [
        "port": 9091, "protocol": "HTTP", "evidence": "metrics", "pods": 3, "example": "my-release-milvus-proxy-0",
      ]
      let status = JSONValue.status(verified: "True", "HandshakesConfirm", "external", ["plaintext": [port]])
      try await cluster.put(milvusTLS: "my-release", status: status)
      let run = try await cluster.run("verify", "my-release")
      #expect(
        run.output == """
          MILVUS       VERIFIED   REASON              MESSAGE
          my-release   True       HandshakesConfirm   external

          PLAINTEXT PORT   PROTOCOL   PODS                                   EVIDENCE
          9091             HTTP       my-release-milvus-proxy-0 and 2 more   metrics

          """
      )
      #expect(run.status == 0, "what is proven stays what it is")
      let json = try await cluster.run("verify", "my-release", "-o", "json")
      #expect(try JSONValue(parsing: json.output)["plaintext"] == [port])
    }
  }

  @Test(arguments: [("True", 0), ("False", 1), ("Unknown", 3)] as [(String, Int32)])
  func theExitStatusIsTheVerdict(verified: String, status: Int32) async throws {
    try await Cluster.run { cluster in
      try await cluster.put(milvusTLS: "my-release", status: .status(verified: verified, "Reason", "message"))
      let run = try await cluster.run("verify", "my-release", "-o", "json")
      #expect(run.status == status)
      #expect(run.errors == "")
      #expect(try JSONValue(parsing: run.output)["verified"]?.string == verified)
    }
  }

  @Test func aVerdictOnAFormerSpecificationProvesNothing() async throws {
    try await Cluster.run { cluster in
      try await cluster.put(milvusTLS: "my-release", status: Self.confirmed)
      try await cluster.changeSpec(of: "my-release")
      let run = try await cluster.run("verify", "my-release", "-o", "json")
      #expect(run.status == 3)
      let report = try JSONValue(parsing: run.output)
      #expect(report["stale"] == true)
      #expect(report["verified"] == "Unknown")
      #expect(report["reason"] == "Stale")
      #expect(
        report["message"]?.string
          == "The status (True, LogsConfirm) is for generation 1; the operator has not reported on the current generation 2 yet"
      )
    }
  }

  @Test func withoutAStatusNothingIsKnown() async throws {
    try await Cluster.run { cluster in
      try await cluster.put(milvusTLS: "my-release", status: [:])
      let run = try await cluster.run("verify", "my-release")
      #expect(run.status == 3)
      #expect(
        run.output == """
          MILVUS       VERIFIED   REASON        MESSAGE
          my-release   Unknown    NotReported   The operator has not reported a status yet

          """
      )
    }
  }

  @Test func jsonAndYAMLAreEqualAndContainThePodsOfTheStatus() async throws {
    try await Cluster.run { cluster in
      try await cluster.put(milvusTLS: "its-tls", milvus: "my-release", status: Self.confirmed)
      let wanted: JSONValue = [
        "namespace": "default", "milvus": "my-release", "milvusTLS": "its-tls", "verified": "True",
        "reason": "LogsConfirm", "message": "in the log of 2 pods", "stale": false,
        "pods": Self.confirmed["pods"] ?? [], "endpoints": [], "plaintext": [],
      ]
      let json = try await cluster.run("verify", "my-release", "-o", "json")
      #expect(try JSONValue(parsing: json.output) == wanted)
      let yaml = try await cluster.run("verify", "its-tls", "--output", "yaml")
      #expect(try YAML.parse(yaml.output) == wanted)
    }
  }

  @Test func theNamespaceIsTheOptionsOrElseTheContexts() async throws {
    try await Cluster.run(namespace: "kube-system") { cluster in
      try await cluster.put(milvusTLS: "a", namespace: "default", status: .status(verified: "False", "R", "m"))
      try await cluster.put(milvusTLS: "a", namespace: "kube-system", status: .status(verified: "True", "R", "m"))
      let ofContext = try await cluster.run("verify", "a")
      #expect(ofContext.status == 0)
      let named = try await cluster.run("verify", "a", "-n", "default")
      #expect(named.status == 1)
    }
  }

  @Test func aMissingMilvusTLSIsOneLineThatSaysWhatToDo() async throws {
    try await Cluster.run { cluster in
      let run = try await cluster.run("verify", "nowhere")
      #expect(run.status == 1)
      #expect(run.output == "")
      #expect(
        run.errors
          == "Error: no MilvusTLS for Milvus \"nowhere\" in namespace default: annotate the Milvus "
          + "with tls.milvus.io/external or tls.milvus.io/internal\n"
      )
    }
  }

  @Test func aMissingDefinitionIsReported() async throws {
    try await Cluster.run { cluster in
      let definition = ObjectAddress(.customResourceDefinitions, namespace: "", name: "milvustls.tls.milvus.io")
      try await cluster.simulator.store.delete(definition)
      let run = try await cluster.run("verify", "my-release")
      #expect(run.status == 1)
      #expect(
        run.errors
          == "Error: CRD milvustls.tls.milvus.io is not installed: run kubectl apply -f Manifests/base/milvustls-crd.yaml\n"
      )
    }
  }

  @Test(arguments: [
    (["verify"], "name"), (["verify", "a", "-o", "xml"], "json"), (["verify", "a", "-n", "B_"], "--namespace \"B_\""),
    (["connect", "a", "--directory", ""], "--directory \"\""),
  ])
  func unusableArgumentsEndWithStatus2(arguments: [String], word: String) throws {
    let run = try ProgramRun(arguments)
    #expect(run.status == 2)
    #expect(run.output == "")
    #expect(run.errors.contains(word), "\(run.errors)")
  }

  @Test func watchPrintsEveryChangeUntilItIsInterrupted() async throws {
    try await Cluster.run { cluster in
      try await cluster.put(milvusTLS: "my-release", status: .status(verified: "Unknown", "RollingOut", "wait"))
      let process = Process(milvusTLS: ["verify", "my-release", "--watch", "--kubeconfig", cluster.kubeconfig])
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      defer { if process.isRunning { process.terminate() } }
      var lines = Lines(pipe.fileHandleForReading).makeAsyncIterator()
      #expect(await lines.next() == "MILVUS       VERIFIED   REASON       MESSAGE")
      #expect(await lines.next() == "my-release   Unknown    RollingOut   wait")
      try await eventually("it watches") { cluster.simulator.requests.count(.watch, "milvustls") > 0 }
      // What is printed does not change, and so nothing is printed.
      try await cluster.setStatus(
        .status(verified: "Unknown", "RollingOut", "wait", ["external": "TwoWay"]),
        of: "my-release"
      )
      try await cluster.setStatus(.status(verified: "False", "LogRefutes", "no"), of: "my-release")
      #expect(await lines.next() == "")
      #expect(await lines.next() == "MILVUS       VERIFIED   REASON       MESSAGE")
      #expect(await lines.next() == "my-release   False      LogRefutes   no")
      try await cluster.setStatus(.status(verified: "True", "LogsConfirm", "yes"), of: "my-release")
      #expect(await lines.next() == "")
      #expect(await lines.next() == "MILVUS       VERIFIED   REASON        MESSAGE")
      #expect(await lines.next() == "my-release   True       LogsConfirm   yes")
      #expect(process.isRunning)
      process.interrupt()
      #expect(await lines.next() == nil)
    }
  }

  @Test func watchReportsADeletedMilvusTLSAndContinuesWithTheNext() async throws {
    try await Cluster.run { cluster in
      try await cluster.put(milvusTLS: "my-release", status: .status(verified: "True", "LogsConfirm", "yes"))
      let process = Process(milvusTLS: ["verify", "my-release", "-w", "-o", "yaml", "--kubeconfig", cluster.kubeconfig])
      let (output, errors) = (Pipe(), Pipe())
      process.standardOutput = output
      process.standardError = errors
      try process.run()
      defer { if process.isRunning { process.terminate() } }
      var lines = Lines(output.fileHandleForReading).makeAsyncIterator()
      var warnings = Lines(errors.fileHandleForReading).makeAsyncIterator()
      while let line = await lines.next(), line != "verified: \"True\"" {}
      try await cluster.simulator.store.delete(ObjectAddress(.milvusTLS, namespace: "default", name: "my-release"))
      #expect(await warnings.next() == "Warning: the MilvusTLS of \"my-release\" was deleted")
      try await cluster.put(milvusTLS: "other", milvus: "my-release", status: .status(verified: "False", "No", "no"))
      #expect(await lines.next() == "---")
      while let line = await lines.next(), line != "milvusTLS: other" {}
      #expect(process.isRunning)
    }
  }

  @Test func kubectlRunsItThroughASymbolicLink() async throws {
    let link = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
      .appending(path: "kubectl-milvus_tls")
    try FileManager.default.createDirectory(at: link.deletingLastPathComponent(), withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: link.deletingLastPathComponent()) }
    let program = try #require(Process(milvusTLS: []).executableURL)
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: program)
    let run = try ProgramRun(["verify", "--help"], program: link)
    #expect(run.status == 0)
    #expect(run.output.contains("USAGE: kubectl milvus-tls verify <name>"), "\(run.output)")
  }
}
