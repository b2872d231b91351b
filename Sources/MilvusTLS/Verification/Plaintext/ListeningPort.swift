/// A port of a pod that is asked without TLS.
public struct ListeningPort: Sendable, Hashable {
  public enum Purpose: Sendable, Hashable {
    /// gRPC for clients.
    case external
    /// REST for clients.
    case rest
    /// Metrics, health and administration, which Milvus serves without TLS only.
    case metrics
    /// gRPC for the other components.
    case `internal`
    /// Another port that a container of the pod declares.
    case declared
  }

  public let purpose: Purpose
  public let podName: String
  /// The run of Milvus that an answer is remembered for.
  public let run: ContainerRun
  /// The pod's IP address.
  public let host: String
  public let port: UInt16
}

extension ListeningPort {
  /// The ports of a pod that may listen, each once: those that Milvus is configured with, and those that its containers
  /// declare.
  /// - Returns: none while the pod has no address.
  static func all(of pod: ObservedPod, settings: MilvusSettings) -> [ListeningPort] {
    guard let host = pod.address else { return [] }
    let ports = MilvusPorts(settings)
    var candidates: [(Purpose, Int?)] = [(.metrics, settings.metricsPort(of: pod.component))]
    if pod.servesClients { candidates += [(.external, ports.external), (.rest, ports.rest)] }
    candidates += ports.internal(of: pod.component).map { (.internal, $0) }
    candidates += pod.declaredPorts.map { (.declared, Int($0)) }
    var seen: Set<UInt16> = []
    return candidates.compactMap { purpose, number in
      guard let port = number.flatMap(UInt16.init(exactly:)), seen.insert(port).inserted else { return nil }
      return ListeningPort(purpose: purpose, podName: pod.name, run: pod.run, host: host, port: port)
    }
  }
}
