import ClusterSimulator
import Foundation
import JSON
import PKI
import Testing

@Suite(.timeLimit(.minutes(5))) struct TLSOperatorTests {
  private let both = ["tls.milvus.io/external": "TwoWay", "tls.milvus.io/internal": "true"]

  private func text(_ key: String, of secret: JSONValue?) -> String? {
    secret?["data"]?[key]?.string.flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func anAnnotatedMilvusEndsVerifiedWithItsSecrets() async throws {
    try await OperatorHarness.run { harness in
      try await harness.apply(annotations: both)
      try await harness.waitUntilVerified()
      #expect(await harness.condition("Ready") == "True/Configured")
      let keys = [
        "certs-ca": ["ca.key", "ca.pem"], "certs": ["ca.pem", "server.key", "server.pem"],
        "certs-client": ["ca.pem", "client.key", "client.pem"],
      ]
      let milvus = try #require(await harness.object(.milvuses))
      for (name, expected) in keys {
        let secret = try #require(await harness.object(.secrets, name))
        #expect(secret["data"]?.object?.keys.sorted() == expected)
        #expect(secret[path: "metadata", "ownerReferences"]?[0]?["uid"] == milvus[path: "metadata", "uid"])
        #expect(secret[path: "metadata", "labels"]?["app.kubernetes.io/managed-by"] == "milvus-tls-operator")
      }
      let authority = try Certificate(pem: try #require(text("ca.pem", of: await harness.object(.secrets, "certs-ca"))))
      let server = try Certificate(pem: try #require(text("server.pem", of: await harness.object(.secrets, "certs"))))
      try ChainVerifier.verify(
        leaf: server,
        intermediates: [],
        authorities: [authority],
        purpose: .server,
        name: "my-release-milvus.default.svc",
        at: Date()
      )
    }
  }

  @Test func theMilvusIsPatchedOnlyWhenItsSecretsExist() async throws {
    try await OperatorHarness.run { harness in
      let changes = await harness.simulator.store.changes()
      try await harness.apply(annotations: both)
      var secrets: Set<String> = []
      for await event in changes {
        if event.key.resource == .secrets { secrets.insert(event.key.name) }
        guard event.key.resource == .milvuses, event.object[path: "spec", "config", "tls"] != nil else { continue }
        break
      }
      #expect(secrets == ["certs-ca", "certs", "certs-client"])
    }
  }

  @Test func aSecondPassOverUnchangedResourcesWritesNothing() async throws {
    try await OperatorHarness.run { harness in
      try await harness.apply(annotations: both)
      try await harness.apply("other", annotations: ["tls.milvus.io/external": "OneWay"])
      try await harness.waitUntilVerified()
      try await harness.eventually("other is ready") {
        await harness.condition("Ready", of: "other") == "True/Configured"
      }
      await harness.stopOperator()
      harness.simulator.resetRequests()
      try harness.start()
      // A third Milvus shows when the operator has been through its lists.
      try await harness.apply("third", annotations: ["tls.milvus.io/external": "maybe"])
      try await harness.eventually("third is judged") {
        await harness.condition("Ready", of: "third") == "False/InvalidAnnotation"
      }
      let writes = harness.simulator.requests.writes
      #expect(writes.allSatisfy { $0.name == "third" || $0.resource == "events" || $0.verb == .create }, "\(writes)")
      #expect(writes.count { $0.resource == "milvustls" && $0.verb == .create } == 1)
      #expect(!writes.contains { $0.resource == "secrets" || $0.resource == "milvuses" })
      #expect(harness.simulator.requests.count(.get) == 0, "no request beyond the watches, no log read twice")
    }
  }

  @Test func anInvalidAnnotationWritesAConditionAndAWarningEventAndNothingElse() async throws {
    try await OperatorHarness.run { harness in
      try await harness.apply(annotations: ["tls.milvus.io/external": "maybe"])
      try await harness.waitForEvent("InvalidAnnotation")
      for event in await harness.simulator.store.list(.events) {
        #expect(event["type"] == "Warning")
        #expect(event["reason"] == "InvalidAnnotation")
        let message = event["message"]?.string ?? ""
        #expect(message.contains("tls.milvus.io/external"))
        #expect(message.contains("Disabled, OneWay, TwoWay"))
      }
      #expect(await harness.condition("Ready") == "False/InvalidAnnotation")
      #expect(await harness.simulator.store.list(.secrets).isEmpty)
      #expect(!harness.simulator.requests.writes.contains { $0.resource == "milvuses" })
    }
  }

  @Test func noPrivateKeyOrSecretDataReachesTheLog() async throws {
    try await OperatorHarness.run { harness in
      try await harness.apply(annotations: both)
      try await harness.waitUntilVerified()
      let log = harness.log.lines.joined(separator: "\n")
      #expect(log.contains("Issued server certificate"))
      #expect(!log.contains("PRIVATE KEY"))
      for (secret, key) in [("certs", "server.key"), ("certs-ca", "ca.key"), ("certs-client", "client.key")] {
        let encoded = try #require(await harness.object(.secrets, secret)?["data"]?[key]?.string)
        #expect(!log.contains(encoded.prefix(40)))
        let lines = try #require(text(key, of: await harness.object(.secrets, secret))).split(separator: "\n")
        #expect(!log.contains(lines[1]))
      }
    }
  }

  @Test func eachActionIsLoggedOnceInOneLine() async throws {
    try await OperatorHarness.run { harness in
      try await harness.apply(annotations: both)
      // The event comes after the line.
      try await harness.waitForEvent("LogsAndHandshakesConfirm")
      let lines = harness.log.lines.filter { $0.hasPrefix("info") }
      for text in [
        "Created MilvusTLS my-release", "Issued CA certificate", "Issued server certificate",
        "Issued client certificate", "Configured external TLS", "Ready=True", "Verified=True",
      ] {
        #expect(lines.count { $0.contains(text) } == 1, "\(text) in \(lines)")
      }
      #expect(!lines.contains { $0.contains("\n") })
    }
  }

  @Test func conflictsWithOtherWritersAreReadAgainAndOvercome() async throws {
    try await OperatorHarness.run(startsOperator: false) { harness in
      let conflict = ServerStatus(code: 409, reason: "Conflict", message: "the object has been modified")
      harness.simulator.faults.failNext(2, RequestMatch(.patch, "milvuses"), with: conflict)
      harness.simulator.faults.failNext(1, RequestMatch(.patch, "milvustls"), with: conflict)
      try await harness.apply(annotations: both)
      try harness.start()
      try await harness.waitUntilVerified()
      #expect(harness.simulator.requests.entries.contains { $0.code == 409 })
    }
  }

  @Test(arguments: ["secrets", "milvuses", "milvustls", "events"])
  func writesThatFailOrSucceedUnseenAreMadeOnce(resource: String) async throws {
    try await OperatorHarness.run(startsOperator: false) { harness in
      for moment in [Faults.Moment.beforeWork, .afterWork] {
        for verb in [Verb.create, .patch] {
          harness.simulator.faults.failNext(
            1,
            RequestMatch(verb, resource),
            with: ServerStatus(code: 500, reason: "InternalError", message: "down"),
            at: moment
          )
        }
      }
      try await harness.apply(annotations: both)
      try harness.start()
      try await harness.waitUntilVerified()
      let server = try #require(text("server.pem", of: await harness.object(.secrets, "certs")))
      let authority = try #require(text("ca.pem", of: await harness.object(.secrets, "certs-ca")))
      #expect(try Certificate(pem: server).isIssued(by: Certificate(pem: authority)))
      // A key once published changes only by rotation: no retry may have written a Secret again.
      for name in ["certs-ca", "certs", "certs-client"] {
        let writes = harness.simulator.requests.writes.filter {
          $0.resource == "secrets" && $0.code < 300 && $0.name == name
        }
        #expect(writes.isEmpty, "\(writes)")
      }
    }
  }

  @Test func anOperatorStoppedAfterAnyWriteResumes() async throws {
    var stops = 0
    // Each round lets one write more through than the one before, then ends the operator and starts another.
    for allowed in 1... {
      var finished = false
      try await OperatorHarness.run(startsOperator: false) { harness in
        try await harness.apply(annotations: both)
        try harness.start()
        try await harness.eventually("\(allowed) writes or the end") {
          let isReady = await harness.condition("Ready") == "True/Configured"
          return isReady || harness.simulator.requests.writes.count { $0.resource != "events" } >= allowed
        }
        finished = await harness.condition("Ready") == "True/Configured"
        await harness.stopOperator()
        stops += 1
        try harness.start()
        try await harness.eventually("TLS is in place") { await harness.condition("Ready") == "True/Configured" }
        let secrets = await harness.simulator.store.list(.secrets).map { $0[path: "metadata", "name"]?.string ?? "" }
        #expect(secrets.sorted() == ["certs", "certs-ca", "certs-client"])
      }
      if finished { break }
    }
    #expect(stops > 5)
  }

  @Test func aDeletedMilvusTakesItsSecretsAndMilvusTLSAlong() async throws {
    try await OperatorHarness.run { harness in
      try await harness.apply(annotations: both)
      try await harness.waitUntilVerified()
      try await harness.simulator.store.delete(ObjectAddress(.milvuses, namespace: "default", name: "my-release"))
      try await harness.eventually("all is gone") {
        let secrets = await harness.simulator.store.list(.secrets)
        let milvusTLS = await harness.simulator.store.list(.milvusTLS)
        return secrets.isEmpty && milvusTLS.isEmpty
      }
    }
  }

  @Test func watchesThatBreakAreTakenUpAgain() async throws {
    try await OperatorHarness.run { harness in
      try await harness.apply(annotations: both)
      try await harness.waitUntilVerified()
      await harness.simulator.cutWatches(abruptly: true)
      try await harness.apply("other", annotations: ["tls.milvus.io/internal": "true"])
      try await harness.waitUntilVerified("other")
      await harness.simulator.store.compact()
      await harness.simulator.cutWatches()
      try await harness.apply("third", annotations: ["tls.milvus.io/internal": "true"])
      try await harness.waitUntilVerified("third")
    }
  }

  @Test func stoppingDoesNotWaitForOpenWatchesAndLogs() async throws {
    try await OperatorHarness.run(milvusStartDelay: .seconds(60)) { harness in
      try await harness.apply(annotations: both)
      try await harness.eventually("it is ready") { await harness.condition("Ready") == "True/Configured" }
      let start = ContinuousClock.now
      await harness.stopOperator()
      #expect(ContinuousClock.now - start < .seconds(20))
    }
  }
}
