import ClusterSimulator
import JSON

/// What an operator is put through.
struct Trouble: Sendable {
  /// Longer than any event may be.
  private static let endless = 300 << 20

  let name: String
  /// Before the operator starts.
  var prepare: @Sendable (ClusterSimulator) async throws -> Void = { _ in }
  /// While it runs.
  var during: @Sendable (ClusterSimulator) async throws -> Void = { _ in }

  /// Faults that are there from the start.
  private static func faults(_ name: String, _ begin: @escaping @Sendable (Faults) -> Void) -> Trouble {
    Trouble(name: name, prepare: { begin($0.faults) })
  }

  private static func watches(_ name: String, lines: Int, _ fault: AnswerFault) -> Trouble {
    faults(name) { $0.disturb(RequestMatch(.watch), times: lines, by: fault) }
  }

  static let all = [
    Trouble(name: "undisturbed"),
    faults("latency") { $0.delay(RequestMatch(), by: .milliseconds(200)) },
    watches("resets in mid-line", lines: 40, .reset),
    watches("garbage", lines: 40, .garbage),
    watches("duplicate events", lines: 400, .duplicate),
    watches("reordered events", lines: 400, .late(.milliseconds(100))),
    watches("stalled streams", lines: 20, .stall(.seconds(2))),
    watches("slow drip", lines: 100, .drip(.milliseconds(200))),
    faults("storms of 409, 429 and 500") { faults in
      for verb in [Verb.create, .patch] {
        faults.failNext(20, RequestMatch(verb), with: .conflict(resource: "objects", name: "any"))
        faults.failNext(10, RequestMatch(verb), with: .tooManyRequests(retryAfter: 1))
        faults.failNext(20, RequestMatch(verb), with: .failure(code: 500, reason: "InternalError"))
      }
    },
    watches("events of 300 MiB without an end", lines: 8, .oversize(endless)),
    faults("lists of 300 MiB without an end") { $0.disturb(RequestMatch(.list), times: 8, by: .oversize(endless)) },
    faults("answers to writes of 300 MiB") { faults in
      for verb in [Verb.create, .patch] { faults.disturb(RequestMatch(verb), times: 4, by: .oversize(endless)) }
    },
    Trouble(name: "a burst of 20,000 events", during: burst),
    Trouble(name: "100 events as large as they may be", during: largeEvents),
    Trouble(name: "a list of 20,000 other pods of 4 kB", prepare: otherPods),
  ]

  private static func burst(_ simulator: ClusterSimulator) async throws {
    let address = ObjectAddress(.milvuses, namespace: "default", name: "m1")
    for number in 1...20_000 {
      try await simulator.store.update(address) { $0["metadata"]?["annotations"]?["burst"] = .string("\(number)") }
    }
  }

  /// etcd takes 1.5 MiB; lists of short values grow the most when they are parsed.
  private static func largeEvents(_ simulator: ClusterSimulator) async throws {
    try await simulator.store.create(pod("large", arguments: []))
    let address = ObjectAddress(.pods, namespace: "kube-system", name: "large")
    for number in 1...100 {
      try await simulator.store.update(address) {
        $0["spec"]?["containers"] = [
          ["name": "milvus", "args": .array(Array(repeating: .string(String(number % 10)), count: 390_000))]
        ]
      }
    }
  }

  private static func otherPods(_ simulator: ClusterSimulator) async throws {
    let arguments = Array(repeating: JSONValue.string(String(repeating: "x", count: 97)), count: 40)
    for number in 1...20_000 { try await simulator.store.create(pod("other-\(number)", arguments: arguments)) }
  }

  /// A pod that the operator keeps in its store, of a Milvus that is not there.
  private static func pod(_ name: String, arguments: [JSONValue]) -> JSONValue {
    [
      "apiVersion": "v1", "kind": "Pod",
      "metadata": [
        "name": .string(name), "namespace": "kube-system",
        "labels": [
          "app.kubernetes.io/name": "milvus", "app.kubernetes.io/managed-by": "milvus-operator",
          "app.kubernetes.io/instance": .string(name),
        ],
      ],
      "spec": ["containers": [["name": "milvus", "args": .array(arguments)]]],
    ]
  }
}
