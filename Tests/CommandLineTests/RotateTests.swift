import ClusterSimulator
import Foundation
import JSON
import TestSupport
import Testing
import YAML

@Suite(.timeLimit(.minutes(5))) struct RotateTests {
  @Test func itSetsTheAnnotationToAValueOfItsOwnEachTimeAndNothingElse() async throws {
    try await Cluster.run { cluster in
      try await cluster.put(milvus: ["tls.milvus.io/external": "OneWay", "tls.milvus.io/rotate": "former"])
      try await cluster.put(milvusTLS: "my-release", status: RotationStatus().json)
      let first = try await cluster.run("rotate", "my-release")
      let value = try #require(await cluster.annotations["tls.milvus.io/rotate"]?.string)
      #expect(value.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/) != nil, "\(value)")
      #expect(
        first.output
          == "milvus/my-release rotation of the certificates requested in namespace default "
          + "(annotation tls.milvus.io/rotate=\(value)); follow it with: "
          + "kubectl get milvustls my-release -n default --watch\n"
      )
      #expect(first.errors == "")
      #expect(first.status == 0)
      #expect(await cluster.annotations.keys.sorted() == ["tls.milvus.io/external", "tls.milvus.io/rotate"])

      let second = try await cluster.run("rotate", "my-release")
      #expect(second.status == 0)
      #expect(await cluster.annotations["tls.milvus.io/rotate"]?.string != value)
      #expect(cluster.simulator.requests.writes.map(\.resource) == ["milvuses", "milvuses"])
    }
  }

  @Test func ofTheAuthorityItSetsTheOtherAnnotationAlone() async throws {
    try await Cluster.run { cluster in
      try await cluster.put(milvus: [:])
      try await cluster.put(milvusTLS: "its-tls", milvus: "my-release", status: RotationStatus().json)
      let run = try await cluster.run("rotate", "my-release", "--authority", "-o", "json")
      #expect(run.status == 0, "\(run.errors)")
      let annotations = await cluster.annotations
      #expect(annotations.keys.sorted() == ["tls.milvus.io/rotate-authority"])
      #expect(
        try JSONValue(parsing: run.output) == [
          "namespace": "default", "milvus": "my-release", "milvusTLS": "its-tls", "done": false,
          "annotation": "tls.milvus.io/rotate-authority",
          "rotation": annotations["tls.milvus.io/rotate-authority"] ?? .null,
        ]
      )
    }
  }

  @Test func whoAskedIsOnRecord() async throws {
    try await Cluster.run { cluster in
      try await cluster.put(milvus: [:])
      try await cluster.put(milvusTLS: "my-release", status: RotationStatus().json)
      let run = try await cluster.run("rotate", "my-release")
      #expect(run.status == 0, "\(run.errors)")
      let milvus = await cluster.simulator.store.object(.milvuses, name: "my-release")
      let managers = milvus?[path: "metadata", "managedFields"]?.array?.compactMap { $0["manager"]?.string } ?? []
      #expect(managers.contains("milvus-tls"), "\(managers)")
    }
  }

  @Test func itPrintsWhatItWaitsForAndFinallyATable() async throws {
    try await Cluster.run { cluster in
      let run = try await cluster.startRotation()
      defer { run.end() }
      var errors = run.errors.makeAsyncIterator()
      let value = try #require(await errors.next()?.requestedValue)
      #expect(await errors.next() == "waiting for the operator to begin")
      try await eventually("it watches") { cluster.simulator.requests.count(.watch, "milvustls") > 0 }

      let verified = JSONValue.condition("Verified", "True", "HandshakesConfirm", "2 handshakes")
      let pending = JSONValue.condition("RotationPending", "True", "Paused", "the Milvus is paused")
      try await cluster.setStatus(RotationStatus().with(verified, pending).json, of: "my-release")
      #expect(await errors.next() == "RotationPending: Paused: the Milvus is paused")
      let rolling = JSONValue.condition("Verified", "Unknown", "RollingOut", "1 of 1 pods")
      try await cluster.setStatus(RotationStatus.done(value).with(rolling).json, of: "my-release")
      #expect(await errors.next() == "Verified: RollingOut: 1 of 1 pods")
      try await cluster.setStatus(RotationStatus.done(value).json, of: "my-release")
      let rest = await errors.next()
      #expect(rest == nil, "\(rest ?? "")")
      #expect(
        await run.text() == """
          MILVUS       CERTIFICATE   EXPIRES                AUTHORITY
          my-release   5e-new        2027-11-22T00:00:00Z   ca

          """
      )
      #expect(await run.status() == 0)
      // One to read the MilvusTLS, and that of the watch.
      #expect(cluster.simulator.requests.count(.list, "milvustls") == 2)
    }
  }

  @Test func itPrintsTheStepsOfACARotationAndFinallyAnObject() async throws {
    try await Cluster.run { cluster in
      let run = try await cluster.startRotation("--authority", "--output", "yaml")
      defer { run.end() }
      var errors = run.errors.makeAsyncIterator()
      let asked = try #require(await errors.next())
      #expect(asked.hasPrefix("milvus/my-release CA rotation requested in namespace default (annotation tls."))
      let value = try #require(asked.requestedValue)
      #expect(await errors.next() == "waiting for the operator to begin")
      let verified = JSONValue.condition("Verified", "True", "HandshakesConfirm", "2 handshakes")
      var status = RotationStatus(authorityRotation: value, step: "TrustingBoth", digest: "both")
      try await cluster.setStatus(status.json, of: "my-release")
      #expect(await errors.next() == "waiting for the operator to continue the CA rotation")
      for (step, message) in [("TrustingBoth", "CA rotation 1/3"), ("Replacing", "CA rotation 2/3")] {
        status.step = step
        let rotating = JSONValue.condition("AuthorityRotating", "True", step, message)
        try await cluster.setStatus(status.with(verified, rotating).json, of: "my-release")
        #expect(await errors.next() == "AuthorityRotating: \(step): \(message)")
      }
      status.step = nil
      status.digest = "new"
      try await cluster.setStatus(status.json, of: "my-release")
      #expect(await errors.next() == nil)
      #expect(
        try YAML.parse(await run.text()) == [
          "namespace": "default", "milvus": "my-release", "milvusTLS": "my-release", "done": true,
          "annotation": "tls.milvus.io/rotate-authority", "rotation": .string(value), "serialNumber": "5e-new",
          "notAfter": "2027-11-22T00:00:00Z", "authoritySerialNumber": "ca",
        ]
      )
      #expect(await run.status() == 0)
    }
  }

  @Test(arguments: [
    (JSONValue.condition("Ready", "False", "Conflict", "two"), "MilvusTLS my-release is not Ready: Conflict: two"),
    (.condition("Verified", "False", "RolloutUnfinished", "no"), "Verified: RolloutUnfinished: no"),
  ])
  func aFailureEndsTheWaitAtOnce(condition: JSONValue, message: String) async throws {
    try await Cluster.run { cluster in
      let run = try await cluster.startRotation()
      defer { run.end() }
      var errors = run.errors.makeAsyncIterator()
      _ = await errors.next()
      #expect(await errors.next() == "waiting for the operator to begin")
      try await cluster.setStatus(RotationStatus().with(condition).json, of: "my-release")
      #expect(await errors.next() == "Error: \(message)")
      #expect(await errors.next() == nil)
      #expect(await run.text() == "")
      #expect(await run.status() == 1)
    }
  }

  @Test func aMilvusTLSThatGoesEndsTheWait() async throws {
    try await Cluster.run { cluster in
      let run = try await cluster.startRotation()
      defer { run.end() }
      var errors = run.errors.makeAsyncIterator()
      _ = await errors.next()
      _ = await errors.next()
      try await cluster.simulator.store.delete(ObjectAddress(.milvusTLS, namespace: "default", name: "my-release"))
      #expect(await errors.next() == "Error: the MilvusTLS of \"my-release\" was deleted")
      #expect(await run.status() == 1)
    }
  }

  @Test func theTimeLimitEndsTheWaitWithWhatItWaitedFor() async throws {
    try await Cluster.run { cluster in
      let run = try await cluster.startRotation("--timeout", "10s")
      defer { run.end() }
      var last: String?
      for await line in run.errors { last = line }
      #expect(
        last == "Error: timed out after 10s; the rotation continues: waiting for the operator to begin"
      )
      #expect(await run.text() == "")
      #expect(await run.status() == 1)
    }
  }

  @Test func aListThatNeverComesDoesNotOutlastTheTimeLimit() async throws {
    try await Cluster.run { cluster in
      try await cluster.put(milvus: [:])
      try await cluster.put(milvusTLS: "my-release", status: RotationStatus().json)
      // Each list takes longer than the time limit, but the first is not part of the wait.
      cluster.simulator.faults.delay(RequestMatch(.list, "milvustls"), by: .seconds(3))
      let run = try await cluster.run("rotate", "my-release", "--wait", "--timeout", "1s")
      #expect(run.status == 1)
      #expect(
        run.errors.hasSuffix(
          "Error: timed out after 1s; the rotation continues: no status received from the cluster\n"
        ),
        "\(run.errors)"
      )
    }
  }
}

extension Cluster {
  /// Makes the Milvus `my-release`.
  func put(milvus annotations: [String: JSONValue]) async throws {
    try await simulator.store.create([
      "apiVersion": "milvus.io/v1beta1", "kind": "Milvus", "spec": [:],
      "metadata": ["name": "my-release", "namespace": "default", "annotations": .object(annotations)],
    ])
  }

  /// Those of the Milvus.
  var annotations: [String: JSONValue] {
    get async {
      let milvus = await simulator.store.object(.milvuses, name: "my-release")
      return milvus?[path: "metadata", "annotations"]?.object ?? [:]
    }
  }

  /// Makes a Milvus with its MilvusTLS, and begins to wait for a rotation.
  func startRotation(_ arguments: String...) async throws -> RunningCommand {
    try await put(milvus: [:])
    try await put(milvusTLS: "my-release", status: RotationStatus().json)
    return try RunningCommand(["rotate", "my-release", "--wait", "--kubeconfig", kubeconfig] + arguments)
  }
}

extension String {
  /// The value in the line that confirms a request: `... (annotation NAME=VALUE)`.
  fileprivate var requestedValue: String? {
    firstMatch(of: /\(annotation [^=]+=(.+)\)$/).map { String($0.1) }
  }
}
