import ClusterSimulator
import JSON
import Testing

@Suite(.timeLimit(.minutes(5))) struct RotateRefusalTests {
  @Test(arguments: [
    Refusal("TLS of Milvus default/my-release is disabled: annotate it with tls.milvus.io/external") {
      $0["conditions"] = [.condition("Ready", "True", "Disabled", "No TLS is requested")]
    },
    Refusal("certificates of Milvus default/my-release are managed by cert-manager: run cmctl renew certs ") {
      $0["certificate"]?["source"] = "CertManager"
    },
    Refusal("Secret default/certs of Milvus default/my-release is not managed by milvus-tls-operator and must") {
      $0["certificate"]?["source"] = "Secret"
    },
    Refusal("MilvusTLS my-release is not Ready: Conflict: two values\n") {
      $0["certificate"] = nil
      $0["conditions"] = [.condition("Ready", "False", "Conflict", "two values")]
    },
    Refusal("MilvusTLS my-release is not Ready: the operator has not reported a status yet\n") { $0 = [:] },
    Refusal(
      "CA of Milvus default/my-release is not managed by milvus-tls-operator: its owner must replace ca.pem and ca.key\n",
      arguments: ["--authority"]
    ) { $0["authority"] = nil },
  ])
  func whatTheOperatorDoesNotKeepIsRefusedAndNothingIsWritten(refusal: Refusal) async throws {
    try await Cluster.run { cluster in
      try await cluster.put(milvus: [:])
      var status = RotationStatus().json
      refusal.change(&status)
      try await cluster.put(milvusTLS: "my-release", status: status)
      let arguments = ["rotate", "my-release", "--kubeconfig", cluster.kubeconfig] + refusal.arguments
      let run = try await ProgramRun.run(arguments)
      #expect(run.status == 1)
      #expect(run.output == "")
      #expect(run.errors.hasPrefix("Error: \(refusal.message)"), "\(run.errors)")
      #expect(cluster.simulator.requests.writes.isEmpty)
    }
  }

  @Test func ofSeveralMilvusTLSTheDecidingOneCounts() async throws {
    try await Cluster.run { cluster in
      try await cluster.put(milvus: [:])
      var foreign = RotationStatus().json
      foreign["certificate"]?["source"] = "Secret"
      try await cluster.put(milvusTLS: "its-tls", milvus: "my-release", status: foreign)
      try await cluster.put(milvusTLS: "my-release", status: RotationStatus().json)
      let run = try await cluster.run("rotate", "my-release")
      #expect(run.status == 1)
      #expect(run.errors.hasPrefix("Error: Secret default/certs "), "\(run.errors)")
      #expect(cluster.simulator.requests.writes.isEmpty)
    }
  }

  @Test func anAuthorityOfOthersIsNamed() async throws {
    try await Cluster.run { cluster in
      try await cluster.put(milvus: [:])
      var status = RotationStatus().json
      // As the operator reports a provided CA.
      status["authority"] = ["source": "Secret", "secretName": "our-ca", "serialNumber": "0a"]
      try await cluster.put(milvusTLS: "my-release", status: status)
      let address = ObjectAddress(.milvusTLS, namespace: "default", name: "my-release")
      try await cluster.simulator.store.update(address) { $0["spec"] = ["authority": ["secretName": "our-ca"]] }
      let run = try await cluster.run("rotate", "my-release", "--authority")
      #expect(run.status == 1)
      #expect(run.errors.hasSuffix(" must replace ca.pem and ca.key in Secret our-ca\n"), "\(run.errors)")
      #expect(cluster.simulator.requests.writes.isEmpty)
    }
  }

  @Test(
    arguments: [
      ([:], "does not request TLS: annotate it with tls.milvus.io/external or tls.milvus.io/internal"),
      (
        ["tls.milvus.io/external": "OneWay"],
        "requests TLS but has no MilvusTLS yet: check that the operator runs and watches namespace default"
      ),
    ] as [([String: JSONValue], String)]
  )
  func withoutAMilvusTLSItSaysWhatIsToBeDone(annotations: [String: JSONValue], message: String) async throws {
    try await Cluster.run { cluster in
      try await cluster.put(milvus: annotations)
      let run = try await cluster.run("rotate", "my-release")
      #expect(run.status == 1)
      #expect(run.output == "")
      #expect(run.errors == "Error: Milvus default/my-release \(message)\n")
      #expect(cluster.simulator.requests.writes.isEmpty)
    }
  }

  @Test func aMissingMilvusIsNamedWithAndWithoutItsMilvusTLS() async throws {
    try await Cluster.run { cluster in
      let neither = try await cluster.run("rotate", "my-release")
      try await cluster.put(milvusTLS: "my-release", status: RotationStatus().json)
      let alone = try await cluster.run("rotate", "my-release")
      for run in [neither, alone] {
        #expect(run.status == 1)
        #expect(run.output == "")
        #expect(run.errors == "Error: Milvus \"my-release\" not found in namespace default\n")
      }
    }
  }

  @Test(arguments: [
    ([], "name"), (["a", "-o", "xml"], "json"), (["a", "--timeout", "5m"], "--timeout: requires --wait"),
    (["a", "--wait", "--timeout", "5 minutes"], "--timeout \"5 minutes\": must be a duration from 1s to 8760h"),
    (["a", "--wait", "--timeout", "0s"], "--timeout \"0s\""), (["a", "--wait", "--timeout", "8761h"], "8760h"),
  ])
  func unusableArgumentsEndWithStatus2(arguments: [String], word: String) throws {
    let run = try ProgramRun(["rotate"] + arguments)
    #expect(run.status == 2)
    #expect(run.output == "")
    #expect(run.errors.contains(word), "\(run.errors)")
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    let message: String
    let arguments: [String]
    /// Changes the status of a MilvusTLS that can be rotated.
    let change: @Sendable (inout JSONValue) -> Void

    init(_ message: String, arguments: [String] = [], change: @escaping @Sendable (inout JSONValue) -> Void) {
      self.message = message
      self.arguments = arguments
      self.change = change
    }

    var testDescription: String { message }
  }
}
