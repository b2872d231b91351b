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

  /// Who holds a permit, and how that was so far.
  private final class Census: Sendable {
    private let state = Mutex((holders: 0, most: 0, terms: 0))

    var most: Int { state.withLock { $0.most } }
    var terms: Int { state.withLock { $0.terms } }

    func enter() {
      state.withLock { state in
        state.holders += 1
        state.most = max(state.most, state.holders)
      }
    }

    func leave() {
      state.withLock { state in
        state.holders -= 1
        state.terms += 1
      }
    }
  }

  /// Leads for a moment, again and again.
  private func comeAndGo(_ number: Int, _ census: Census) async throws {
    while census.terms < 12 {
      try await elector("candidate-\(number)-\(UUID().uuidString)").run { permit in
        census.enter()
        defer { census.leave() }
        try permit.check()
        try await Task.sleep(for: .milliseconds(50))
        try permit.check()
      }
    }
  }

  @Test func ofManyThatComeAndGoNeverTwoHoldAPermitAtOnce() async throws {
    let census = Census()
    let tasks = (1...4).map { number in Task { try await comeAndGo(number, census) } }
    try await eventually(within: .seconds(60), "twelve terms") { census.terms >= 12 }
    for task in tasks { task.cancel() }
    for task in tasks { _ = await task.result }
    #expect(census.most == 1)
  }

  private func holder() async throws -> String? {
    try await client.get(Self.leases, namespace: "default", name: lease).json[path: "spec", "holderIdentity"]?.string
  }
}
