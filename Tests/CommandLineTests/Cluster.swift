import ClusterSimulator
import Foundation

/// A simulated cluster and the kubeconfig for it.
struct Cluster {
  let simulator: ClusterSimulator
  /// Path of the file.
  let kubeconfig: String

  /// Runs a test with a cluster, and ends it whatever happens.
  /// - Parameters:
  ///   - namespace: of the kubeconfig's context; nil for none.
  ///   - podsListen: whether pods have addresses and listen on Milvus's ports.
  static func run(
    namespace: String? = nil,
    podsListen: Bool = false,
    _ body: (Cluster) async throws -> Void
  ) async throws {
    let simulator = try await ClusterSimulator.start(.init(podsListen: podsListen))
    let file = FileManager.default.temporaryDirectory.appending(path: "kubeconfig-\(UUID().uuidString)")
    let result: Result<Void, any Error>
    do {
      try kubeconfig(server: simulator.url, namespace: namespace).write(to: file, atomically: true, encoding: .utf8)
      result = .success(try await body(Cluster(simulator: simulator, kubeconfig: file.path)))
    } catch {
      result = .failure(error)
    }
    await simulator.stop()
    try? FileManager.default.removeItem(at: file)
    try result.get()
  }

  /// Runs the program against it.
  func run(_ arguments: String...) async throws -> ProgramRun {
    try await ProgramRun.run(arguments + ["--kubeconfig", kubeconfig])
  }

  /// The port of its API server.
  var port: String { String(simulator.url.split(separator: ":").last ?? "") }

  private static func kubeconfig(server: String, namespace: String?) -> String {
    let namespace = namespace.map { ", namespace: \($0)" } ?? ""
    return """
      apiVersion: v1
      kind: Config
      current-context: simulated
      clusters: [{name: simulated, cluster: {server: "\(server)"}}]
      users: [{name: nobody, user: {}}]
      contexts: [{name: simulated, context: {cluster: simulated, user: nobody\(namespace)}}]
      """
  }
}
