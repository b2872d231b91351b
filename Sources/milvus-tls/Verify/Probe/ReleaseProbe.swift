import Kubernetes
import KubernetesRuntime
import MilvusTLS
import Operator
import PKI

/// Asks the ports of a release's pods from this machine.
struct ReleaseProbe {
  /// How many ports are asked at the same time.
  private static let concurrency = 16

  private let release: Release
  private let endpoints: EndpointProbe
  private let ports = PlaintextProbe()
  private let semaphore = FairSemaphore(limit: concurrency, limitPerKey: concurrency)

  init(_ release: Release) {
    self.release = release
    endpoints = EndpointProbe(client: release.client, logger: ClusterOptions.logger, place: "this machine")
  }

  /// The MilvusTLS with the status that the operator would write if it had seen what this machine sees.
  /// - Throws: `CommandFailure` if the operator has to change something first; `CancellationError`; `KubernetesError`.
  func judged() async throws -> ObservedMilvusTLS {
    // One that is missing is an error of its own.
    _ = try await release.milvusTLS()
    var probed = try await ProbedRelease(release)
    let request = try await probed.plan().evidence
    probed.add(try await evidence(request))
    return try await probed.judged()
  }

  private func evidence(_ request: EvidenceRequest) async throws -> Evidence {
    let key = ObjectKey(namespace: release.namespace, name: release.name)
    return try await withThrowingTaskGroup(of: Evidence.self) { group in
      if let handshakes = request.handshakes {
        for endpoint in handshakes.endpoints {
          group.addTask {
            let judgement = try await semaphore.withPermit(for: key) {
              try await endpoints.judge(endpoint, handshakes, namespace: key.namespace)
            }
            var evidence = Evidence()
            evidence.handshakes[endpoint.memoryKey] = judgement.verdict
            evidence.served[endpoint.memoryKey] = judgement.served
            return evidence
          }
        }
      }
      for port in request.plaintext {
        group.addTask {
          var evidence = Evidence()
          evidence.plaintext[port] = try await semaphore.withPermit(for: key) { try await ports.answer(of: port) }
          return evidence
        }
      }
      return try await group.reduce(into: Evidence()) { $0.merge($1) }
    }
  }
}
