import ClusterSimulator
import KubernetesRuntime
import MilvusTLS
import TestSupport
import Testing

@testable import Operator

/// What is kept of Secrets that the operator did not write.
@Suite(.timeLimit(.minutes(2))) struct ForeignSecretsTests {
  private let certs = ObjectAddress(.secrets, namespace: "default", name: "certs")

  @Test func theContentsOfASecretAreForgottenWithItAndSoIsItsNamespace() async throws {
    try await UnwatchedOperator.run { parts in
      let secrets = parts.view.unmanagedSecrets
      try await parts.apply(secret: "certs")
      let watch = Task { await secrets.run() }
      try await eventually("it is known") { secrets.versions(in: "default")["certs"] != nil }
      var observation = await parts.observation(of: "a")
      try await parts.executor.lookUp("certs", for: UnwatchedOperator.key("a"), &observation)
      #expect(secrets.contents(in: "default")["certs"] != nil)
      try await parts.simulator.store.delete(certs)
      try await eventually(within: .seconds(20), "nothing is kept") { secrets.readNamespaces.isEmpty }
      watch.cancel()
      await watch.value
    }
  }

  @Test func whatWasReadBeforeADeletionIsNotKeptAfterIt() async throws {
    try await UnwatchedOperator.run { parts in
      let secrets = parts.view.unmanagedSecrets
      try await parts.apply(secret: "certs")
      let watch = Task { await secrets.run() }
      try await eventually("it is known") { secrets.versions(in: "default")["certs"] != nil }
      let object = try await parts.client.get(.secrets, namespace: "default", name: "certs")
      try await parts.simulator.store.delete(certs)
      try await eventually("it is gone") { secrets.versions(in: "default").isEmpty }
      let secret = try #require(ObservedSecret(object.json))
      await secrets.insert(object, secret, readFor: UnwatchedOperator.key("a"))
      #expect(secrets.readNamespaces.isEmpty)
      watch.cancel()
      await watch.value
    }
  }
}
