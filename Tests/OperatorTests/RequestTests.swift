import JSON
import Kubernetes
import KubernetesRuntime
import Testing

@testable import Operator

/// What a release costs the API server.
@Suite(.timeLimit(.minutes(5))) struct RequestTests {
  @Test func aNewReleaseTakesSixWritesAndNothingIsReadThatWasJustWritten() async throws {
    try await UnwatchedOperator.run { parts in
      let a = UnwatchedOperator.key("a")
      try await parts.apply(milvus: "a", annotations: ["tls.milvus.io/external": "TwoWay"])
      let before = parts.simulator.requests.entries.count
      _ = try await parts.reconciler.reconcile(a)
      let requests = parts.simulator.requests.entries.dropFirst(before).filter { $0.resource != "events" }
      let shown = requests.map { "\($0.verb) \($0.resource)" }
      #expect(
        shown == [
          "create milvustls", "create secrets", "create secrets", "create secrets", "patch milvuses", "patch milvustls",
        ]
      )
    }
  }

  @Test func theKeyOfACAIsForgottenWhenTheReconcileEnds() async throws {
    try await UnwatchedOperator.run { parts in
      let a = UnwatchedOperator.key("a")
      try await parts.apply(milvus: "a", annotations: ["tls.milvus.io/external": "TwoWay"])
      _ = try await parts.reconciler.reconcile(a)
      let secret = try #require(await parts.observation(of: "a").secrets["certs-ca"])
      let executor = parts.executor
      #expect(executor.authorities.secret("certs-ca", version: secret.resourceVersion, for: a) == nil)
      executor.authorities.note(KubernetesObject(["metadata": ["name": "certs-ca", "resourceVersion": "7"]]), for: a)
      #expect(executor.authorities.secret("certs-ca", version: "7", for: a) != nil)
      #expect(executor.authorities.secret("certs-ca", version: "8", for: a) == nil)
    }
  }
}
