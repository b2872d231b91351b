import ClusterSimulator
import Foundation
import JSON
import PKI
import Testing

/// Under every fault of server and network the operator comes to the same complete and correct end.
@Suite(.timeLimit(.minutes(5))) struct FaultTests {
  /// What goes wrong, and how.
  struct Fault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let begin: @Sendable (Faults) -> Void

    init(_ name: String, _ begin: @escaping @Sendable (Faults) -> Void) {
      testDescription = name
      self.begin = begin
    }

    /// A failure of the next requests of each verb that writes.
    static func writes(_ name: String, times: Int, _ status: ServerStatus, at moment: Faults.Moment = .beforeWork)
      -> Fault
    {
      Fault(name) { faults in
        for verb in Verb.allCases where verb.isWrite {
          faults.failNext(times, RequestMatch(verb), with: status, at: moment)
        }
      }
    }

    /// A disturbance of the next answers of each verb but watch; what they answer is done.
    static func answers(_ name: String, times: Int = 3, _ fault: AnswerFault) -> Fault {
      Fault(name) { faults in
        for verb in Verb.allCases where verb != .watch { faults.disturb(RequestMatch(verb), times: times, by: fault) }
      }
    }

    static func watches(_ name: String, lines: Int = 8, _ fault: AnswerFault) -> Fault {
      Fault(name) { $0.disturb(RequestMatch(.watch), times: lines, by: fault) }
    }
  }

  static let faults = [
    Fault("latency") { $0.delay(RequestMatch(), by: .milliseconds(100)) },
    .watches("resets in mid-line", .reset),
    .watches("ends in mid-line", .truncation),
    .watches("garbage", .garbage),
    .watches("oversized events", lines: 2, .oversize(17 << 20)),
    .watches("duplicate events", lines: 1000, .duplicate),
    .watches("reordered events", lines: 1000, .late(.milliseconds(30))),
    .watches("stalled streams", lines: 4, .stall(.seconds(1))),
    .watches("a slow drip", lines: 20, .drip(.milliseconds(200))),
    .answers("answers that break off", .reset),
    .answers("answers that end too early", .truncation),
    .answers("answers that are garbage", .garbage),
    .answers("oversized answers", times: 1, .oversize(17 << 20)),
    .answers("stalled answers", .stall(.seconds(1))),
    .answers("answers in a slow drip", .drip(.milliseconds(200))),
    .writes("a storm of 409", times: 10, .conflict(resource: "objects", name: "any")),
    .writes("429 with Retry-After", times: 4, .tooManyRequests(retryAfter: 1)),
    .writes("bursts of 500", times: 6, .failure(code: 500, reason: "InternalError")),
    .writes("500 after the work was done", times: 4, .failure(code: 500, reason: "InternalError"), at: .afterWork),
    Fault("reads answered with 500") { faults in
      for verb in [Verb.list, .watch, .get] {
        faults.failNext(10, RequestMatch(verb), with: .failure(code: 500, reason: "InternalError"))
      }
    },
    Fault("lists and watches that are too old") { faults in
      for verb in [Verb.list, .watch] {
        faults.failNext(4, RequestMatch(verb), with: .failure(code: 410, reason: "Expired"))
      }
    },
  ]

  private static let names = ["one", "two", "three"]

  @Test(arguments: faults) func theEndStateIsCompleteAndCorrect(fault: Fault) async throws {
    try await OperatorHarness.run(startsOperator: false) { harness async throws in
      fault.begin(harness.simulator.faults)
      // One that is there before the operator, one that comes, and one that goes in the middle of it.
      try await harness.apply("one", annotations: ["tls.milvus.io/internal": "true"])
      try await harness.apply("gone", annotations: ["tls.milvus.io/internal": "true"])
      try harness.start()
      try await harness.apply("two", annotations: ["tls.milvus.io/internal": "true"])
      try await harness.simulator.store.delete(ObjectAddress(.milvuses, namespace: "default", name: "gone"))
      try await harness.apply(
        "three",
        annotations: ["tls.milvus.io/internal": "true", "tls.milvus.io/external": "TwoWay"]
      )
      for name in Self.names {
        do {
          try await harness.eventually(within: .seconds(90), "\(name) is verified") {
            await harness.condition("Verified", of: name)?.hasPrefix("True/") == true
          }
        } catch {
          Issue.record("\(await harness.object(.milvusTLS, name)?["status"]?.description ?? "no status")")
          throw error
        }
      }
      try await expectCompleteState(harness)
      #expect(harness.simulator.faults.metCount > 0)
    }
  }

  private func expectCompleteState(_ harness: OperatorHarness) async throws {
    let secrets = await harness.simulator.store.list(.secrets)
    let owners = Dictionary(grouping: secrets) { $0[path: "metadata", "ownerReferences"]?[0]?["name"]?.string ?? "" }
    // "gone" took all of its own along.
    #expect(Set(owners.keys) == Set(Self.names))
    #expect(await harness.simulator.store.list(.milvusTLS).count == Self.names.count)
    for name in Self.names {
      let own = owners[name] ?? []
      #expect(await harness.condition("Ready", of: name) == "True/Configured")
      let authority = try #require(try certificate("ca.pem", in: own, role: "authority"))
      let server = try #require(try certificate("server.pem", in: own, role: "server"))
      #expect(server.isIssued(by: authority))
      #expect(own.count == 3)
      let milvus = try #require(await harness.object(.milvuses, name))
      let path = milvus[path: "spec", "config"]?[path: "internaltls", "serverPemPath"]?.string
      #expect(path == "/certs/server.pem")
    }
    // A key once published changes only by rotation: each Secret was written once, by its creation.
    let rewrites = harness.simulator.requests.writes.filter {
      $0.resource == "secrets" && $0.verb != .create && $0.code < 300
    }
    #expect(rewrites.isEmpty, "\(rewrites)")
  }

  private func certificate(_ key: String, in secrets: [JSONValue], role: String) throws -> Certificate? {
    let secret = secrets.first { $0[path: "metadata", "labels"]?["tls.milvus.io/role"]?.string == role }
    guard let encoded = secret?["data"]?[key]?.string, let data = Data(base64Encoded: encoded) else { return nil }
    return try Certificate(pem: String(decoding: data, as: UTF8.self))
  }
}
