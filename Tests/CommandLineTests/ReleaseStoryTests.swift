import ClusterSimulator
import Foundation
import JSON
import TestSupport
import Testing

/// The commands beside the operator, on what that leaves in a cluster.
@Suite(.timeLimit(.minutes(5))) struct ReleaseStoryTests {
  @Test func verifyAndConnectAgreeWithWhatTheOperatorDid() async throws {
    try await Cluster.run { cluster in
      let process = Process(milvusTLS: ["operator", "--kubeconfig", cluster.kubeconfig, "--log-level", "critical"])
      let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
      process.terminationHandler = { _ in continuation.finish() }
      try process.run()
      defer { if process.isRunning { process.terminate() } }
      let changes = await cluster.simulator.store.changes()
      try await cluster.simulator.apply(yaml: Self.milvus)
      try await eventually(after: changes, "the pods' logs are read") { await cluster.hasReadLogs }
      // From here on nothing changes any more.
      process.terminate()
      for await _ in ends {}

      let verify = try await cluster.run("verify", "my-release", "-o", "json")
      let report = try JSONValue(parsing: verify.output)
      let stored = await cluster.simulator.store.object(.milvusTLS, name: "my-release")
      #expect(report["pods"] == stored?[path: "status", "pods"])
      #expect(report["stale"] == false)

      let folder = try Folder()
      defer { folder.remove() }
      let connect = try await cluster.run("connect", "my-release", "--directory", folder.path, "--client", "client")
      #expect(connect.status == 0, "\(connect.errors)")
      #expect(connect.output.contains("server_name=\"my-release-milvus.default.svc\","))
      #expect(
        connect.output.contains(
          " https://my-release-milvus.default.svc:8080/v2/vectordb/collections/list --json '{}'\n"
        )
      )
      let secret = try #require(await cluster.simulator.store.object(.secrets, name: "certs-client"))
      let data = try #require(secret["data"]?.object)
      #expect(data.count == 3)
      for (name, value) in data {
        #expect(try Data(folder.text(name).utf8).base64EncodedString() == value.string)
      }
    }
  }

  private static let milvus = """
    apiVersion: milvus.io/v1beta1
    kind: Milvus
    metadata:
      name: my-release
      namespace: default
      annotations: {tls.milvus.io/external: TwoWay, tls.milvus.io/internal: "true"}
    spec: {}
    """
}

extension Cluster {
  fileprivate var hasReadLogs: Bool {
    get async {
      let milvusTLS = await simulator.store.object(.milvusTLS, name: "my-release")
      return milvusTLS?[path: "status", "pods"]?.array?.first?["verdict"] == "True"
    }
  }
}
