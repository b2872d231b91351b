import ClusterSimulator
import JSON

/// One kind of fault.
struct Trouble: Sendable {
  /// Larger than any allowed event, in bytes.
  private static let endless = 300 << 20

  let name: String
  /// Called before the operator starts.
  var prepare: @Sendable (ClusterSimulator) async throws -> Void = { _ in }
  /// Called while the operator runs.
  var during: @Sendable (ClusterSimulator) async throws -> Void = { _ in }

  /// Faults that exist from the start.
  private static func faults(_ name: String, _ begin: @escaping @Sendable (Faults) -> Void) -> Trouble {
    Trouble(name: name, prepare: { begin($0.faults) })
  }

  private static func watches(_ name: String, lines: Int, _ fault: AnswerFault) -> Trouble {
    faults(name) { $0.disturb(RequestMatch(.watch), times: lines, by: fault) }
  }

  static let all = [
    Trouble(name: "undisturbed"),
    faults("latency") { $0.delay(RequestMatch(), by: .milliseconds(200)) },
    watches("connection resets within a line", lines: 40, .reset),
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
    watches("endless events of 300 MiB", lines: 8, .oversize(endless)),
    faults("endless lists of 300 MiB") { $0.disturb(RequestMatch(.list), times: 8, by: .oversize(endless)) },
    faults("responses to writes of 300 MiB") { faults in
      for verb in [Verb.create, .patch] { faults.disturb(RequestMatch(verb), times: 4, by: .oversize(endless)) }
    },
    Trouble(name: "a burst of 20,000 events", during: burst),
    Trouble(name: "100 events of the maximum size", during: largeEvents),
    Trouble(name: "a list of 20,000 other pods of 4 kB", prepare: otherPods),
  ]

  private static func burst(_ simulator: ClusterSimulator) async throws {
    let address = ObjectAddress(.milvuses, namespace: "default", name: "m1")
    for number in 1...20_000 {
      try await simulator.store.update(address) { $0["metadata"]?["annotations"]?["burst"] = .string("\(number)") }
    }
  }

  /// etcd stores up to 1.5 MiB; lists of short values grow the most when they are parsed.
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

  /// A pod of a Milvus that does not exist; the operator keeps it in its store.
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
