import PKI

/// A port of a pod that has to serve TLS.
public struct Endpoint: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable {
    /// gRPC for clients (`common.security.tlsMode`).
    case external
    /// REST for clients.
    case rest
    /// gRPC for the other components (`common.security.internaltlsEnabled`).
    case `internal`
  }

  public let kind: Kind
  public let podName: String
  public let run: ContainerRun
  /// The pod's IP address.
  public let host: String
  public let port: UInt16
  /// The name that the certificate has to be for.
  public let serverName: String
  /// SHA-256 fingerprint of the certificate that has to be served: the Secret's. Nil where nobody knows which it is.
  public let certificate: String?
  /// Whether clients without a certificate have to be refused.
  public let requiresClientCertificate: Bool

  /// What the status and people call it: one of a pod and a kind, and of the internal ports the number.
  public var name: String { "\(podName)/\(kind.rawValue)" + (kind == .internal ? "-\(port)" : "") }

  /// Under what a verdict is remembered: it holds for one run of the container and one certificate.
  public var memoryKey: String { Self.memoryKey(name, run.podUID, run.restartCount, address, certificate ?? "") }

  static func memoryKey(_ name: String, _ podUID: String, _ restarts: Int, _ address: String, _ certificate: String)
    -> String
  {
    [name, podUID, String(restarts), address, certificate].joined(separator: " ")
  }

  /// Host and port as one text.
  public var address: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }
}

extension Endpoint {
  /// The endpoints of a pod.
  /// - Parameters:
  ///   - ports: of the release.
  ///   - certificate: the one in the Secret; nil where it is not known.
  ///   - internalCertificate: the one that components serve to each other; nil where it is not known.
  /// - Returns: none while the pod has no address.
  static func all(
    of pod: ObservedPod,
    intent: TLSIntent,
    ports: MilvusPorts,
    certificate: Certificate?,
    internalCertificate: Certificate?
  ) -> [Endpoint] {
    guard let host = pod.address else { return [] }
    func endpoint(_ kind: Kind, _ port: Int?, _ serverName: String) -> Endpoint? {
      port.flatMap(UInt16.init(exactly:)).map {
        Endpoint(
          kind: kind,
          podName: pod.name,
          run: pod.run,
          host: host,
          port: $0,
          serverName: serverName,
          certificate: (kind == .internal ? internalCertificate : certificate)?.sha256Fingerprint,
          requiresClientCertificate: kind != .internal && intent.external == .twoWay
        )
      }
    }
    var endpoints: [Endpoint?] = []
    if intent.external != .disabled, pod.servesClients {
      // A provided certificate need not be for the common name that the operator would give it.
      let dnsNames = certificate?.dnsNames ?? []
      let name = dnsNames.contains(intent.commonName) ? intent.commonName : dnsNames.first
      let serverName = name ?? certificate?.ipAddresses.first ?? intent.commonName
      endpoints.append(endpoint(.external, ports.external, serverName))
      endpoints.append(endpoint(.rest, ports.rest, serverName))
    }
    if intent.isInternalEnabled {
      endpoints += ports.internal(of: pod.component).map { endpoint(.internal, $0, intent.serverName) }
    }
    return endpoints.compactMap(\.self)
  }
}
