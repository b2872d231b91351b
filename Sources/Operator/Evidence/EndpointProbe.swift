import Foundation
import JSON
import Kubernetes
import Logging
import MilvusTLS
import PKI

/// Makes the handshakes with one port of a pod that show what it serves, and which clients it accepts.
public actor EndpointProbe {
  /// What the handshakes showed.
  public struct Judgement: Sendable, Equatable {
    public let verdict: Verdict
    /// The certificate that was served, where it is not known which it has to be.
    public let served: Certificate?
  }

  private let client: KubernetesClient
  private let logger: Logger
  private let place: String
  private let https = HTTPSClient()
  /// A client of an untrusted CA, which a port has to refuse where it requires client certificates.
  private var untrustedClient: TLSIdentity?

  /// - Parameters:
  ///   - client: reads the Secret of the client that a port has to accept.
  ///   - place: where the handshakes are made, for messages.
  public init(client: KubernetesClient, logger: Logger, place: String = "the operator") {
    self.client = client
    self.logger = logger
    self.place = place
  }

  /// Asks once.
  /// - Parameters:
  ///   - handshakes: with their CAs and client.
  ///   - namespace: of the client's Secret.
  /// - Throws: `CancellationError`.
  public func judge(
    _ endpoint: Endpoint,
    _ handshakes: TLSPlan.Handshakes,
    namespace: String
  ) async throws -> Judgement {
    do {
      let answers = try await answers(of: endpoint, handshakes, namespace: namespace)
      let served = endpoint.certificate == nil ? answers.withoutCertificate.server?.chain.first : nil
      return Judgement(verdict: endpoint.verdict(on: answers), served: served)
    } catch let cancellation as CancellationError {
      throw cancellation
    } catch {
      logger.debug("handshake with \(namespace)/\(endpoint.name): \(error)")
      return Judgement(verdict: .unknown(reason: "\(error)"), served: nil)
    }
  }

  private func answers(
    of endpoint: Endpoint,
    _ handshakes: TLSPlan.Handshakes,
    namespace: String
  ) async throws -> HandshakeAnswers {
    func report(_ identity: TLSIdentity?) async throws -> TLSProbe.Report {
      let probe = try TLSProbe(
        serverName: endpoint.serverName,
        authorities: handshakes.authorities,
        identity: identity
      )
      return try await probe.report(host: endpoint.host, port: endpoint.port, at: Date())
    }
    var answers = HandshakeAnswers(withoutCertificate: try await report(nil))
    answers.place = place
    guard answers.withoutCertificate.server != nil else { return answers }
    // Without CAs to trust there is no HTTPS.
    if endpoint.kind == .rest, !handshakes.authorities.isEmpty {
      answers.http = try await httpAnswer(of: endpoint, handshakes, namespace: namespace)
    }
    guard endpoint.requiresClientCertificate else { return answers }
    answers.withUntrustedClient = try await report(try untrustedIdentity())
    if let client = handshakes.client {
      answers.withOwnClient = try await report(try await identity(client, namespace))
    }
    return answers
  }

  /// What REST answers, to the client of the Secret where one is needed.
  private func httpAnswer(
    of endpoint: Endpoint,
    _ handshakes: TLSPlan.Handshakes,
    namespace: String
  ) async throws -> HandshakeAnswers.HTTPAnswer? {
    var identity: (certificate: String, key: String)?
    if endpoint.requiresClientCertificate {
      guard let secret = handshakes.client else { return nil }
      identity = try await files(of: secret, namespace)
    }
    let peer = HTTPSClient.Peer(
      host: endpoint.host,
      port: endpoint.port,
      serverName: endpoint.serverName,
      authorities: handshakes.authorities.map(\.pem).joined(),
      identity: identity
    )
    do {
      return .status(try await https.status(of: "/", at: peer))
    } catch let error as TransportError {
      return .failure("\(error)")
    }
  }

  /// The client of a Secret. Its key is held for one handshake.
  private func identity(_ secret: TLSPlan.Handshakes.ClientSecret, _ namespace: String) async throws -> TLSIdentity {
    let files = try await files(of: secret, namespace)
    return try TLSIdentity(chain: Certificate.chain(pem: files.certificate), key: PrivateKey(pem: files.key))
  }

  private func files(
    of secret: TLSPlan.Handshakes.ClientSecret,
    _ namespace: String
  ) async throws -> (certificate: String, key: String) {
    let data = try await client.get(.secrets, namespace: namespace, name: secret.name).json["data"]
    func text(_ key: String) throws -> String {
      guard let value = data?[key]?.string, let bytes = Data(base64Encoded: value) else {
        throw PKIError(operation: "read Secret \(secret.name)", reason: "it has no \(key)")
      }
      return String(decoding: bytes, as: UTF8.self)
    }
    return (try text(secret.certificateEntry), try text(secret.privateKeyEntry))
  }

  private func untrustedIdentity() throws -> TLSIdentity {
    if let untrustedClient { return untrustedClient }
    let now = Date()
    let authority = try CertificateAuthority.selfSigned(
      subject: DistinguishedName(commonName: "untrusted CA"),
      algorithm: .ecdsa(.p256),
      validity: Validity(from: now, duration: 10 * 365 * 86400)
    )
    let key = try PrivateKey(generating: .ecdsa(.p256))
    let certificate = try authority.issue(
      LeafRequest(
        purpose: .client,
        subject: DistinguishedName(commonName: "untrusted client"),
        validity: Validity(from: now, duration: 10 * 365 * 86400)
      ),
      key: key
    )
    let identity = try TLSIdentity(chain: [certificate], key: key)
    untrustedClient = identity
    return identity
  }
}
