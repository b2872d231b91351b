import Foundation
import JSON
import Kubernetes
import KubernetesRuntime
import Logging
import Synchronization
import Testing

/// Leader election against the API server of scripts/with-apiserver.sh.
@Suite(.timeLimit(.minutes(2))) struct LeaderElectionOnServerTests {
  private struct Missing: Error, CustomStringConvertible {
    let description = "TEST_KUBECONFIG is not set: run these tests through scripts/with-apiserver.sh"
  }

  private static let leases = Resource(group: "coordination.k8s.io", version: "v1", plural: "leases", kind: "Lease")

  private let client: KubernetesClient
  private let lease = "test-\(UUID().uuidString.lowercased())"

  init() throws {
    guard let kubeconfig = ProcessInfo.processInfo.environment["TEST_KUBECONFIG"] else { throw Missing() }
    client = KubernetesClient(configuration: try .kubeconfig(paths: [kubeconfig]))
  }

  private func elector(_ name: String, timing: LeaseTiming = LeaseTiming()) -> LeaderElector {
    LeaderElector(
      client: client,
      namespace: "default",
      name: lease,
      identity: name,
      timing: timing,
      logger: .silent
    )
  }

  @Test func aCleanStopHandsOverWithinTwoSecondsAndCountsTheTransition() async throws {
    let leads = Inbox<String>()
    let lead = { @Sendable (name: String) in
      try await elector(name).run { _ in
        leads.put(name)
        try await Task.sleep(for: .seconds(600))
      }
    }
    let first = Task { try await lead("first") }
    #expect(try await leads.next() == "first")
    let second = Task { try await lead("second") }
    try await eventually("the second has seen the Lease") { try await holder() == "first" }
    let start = ContinuousClock.now
    first.cancel()
    _ = await first.result
    #expect(try await leads.next() == "second")
    #expect(ContinuousClock.now - start < .seconds(2))
    let object = try await client.get(Self.leases, namespace: "default", name: lease)
    #expect(object.json[path: "spec", "leaseTransitions"] == 1)
    second.cancel()
    _ = await second.result
    #expect(try await holder() == "")
  }

  @Test func ofManyThatComeAndGoNeverTwoHoldAPermitAtOnce() async throws {
    let holders = Mutex<Set<String>>([])
    let most = Mutex(0)
    let terms = Mutex(0)
    let tasks = (1...4).map { number in
      Task {
        // Each gives up its term and competes again.
        while terms.withLock({ $0 }) < 12 {
          try await elector("candidate-\(number)-\(UUID().uuidString)").run { permit in
            let count = holders.withLock { holders in
              holders.insert("\(number)")
              return holders.count
            }
            most.withLock { $0 = max($0, count) }
            try permit.check()
            try await Task.sleep(for: .milliseconds(50))
            try permit.check()
            _ = holders.withLock { $0.remove("\(number)") }
            terms.withLock { $0 += 1 }
          }
        }
      }
    }
    try await eventually(within: .seconds(60), "twelve terms") { terms.withLock { $0 } >= 12 }
    for task in tasks { task.cancel() }
    for task in tasks { _ = await task.result }
    #expect(most.withLock { $0 } == 1)
  }

  private func holder() async throws -> String? {
    try await client.get(Self.leases, namespace: "default", name: lease).json[path: "spec", "holderIdentity"]?.string
  }
}
