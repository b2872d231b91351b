import Foundation
import JSON
import Kubernetes
import KubernetesRuntime
import Logging
import MilvusTLS
import PKI

/// Makes handshakes with pods' ports, a few at a time: at once with each new one, again soon where one did not confirm,
/// and hourly.
actor HandshakeRunner: EvidenceCollector {
  /// How many pods are asked at the same time.
  private static let concurrency = 16
  /// How old a confirmation gets, a little less than the time between two plans.
  private static let lifetime = Duration.seconds(3500)

  private struct Memory {
    /// The handshakes that it belongs to, with their client and CAs.
    var handshakes: TLSPlan.Handshakes
    var judgement: Judgement?
    var time: ContinuousClock.Instant?
    var task: Task<Void, Never>?
  }

  /// What a handshake showed.
  private struct Judgement: Equatable {
    let verdict: Verdict
    /// The certificate that was served, where it is not known which it has to be.
    var served: Certificate?
  }

  private let client: KubernetesClient
  private let logger: Logger
  private let didChange: @Sendable (ObjectKey) async -> Void
  private let https = HTTPSClient()
  private let semaphore = FairSemaphore(
    limit: HandshakeRunner.concurrency,
    limitPerKey: HandshakeRunner.concurrency / 4
  )
  private var memory: [ObjectKey: [Endpoint: Memory]] = [:]
  /// How many ports are being asked until they confirm.
  private(set) var running = 0
  /// A client of an untrusted CA, which a port has to refuse where it requires client certificates.
  private var untrustedClient: TLSIdentity?

  /// - Parameter didChange: called with the Milvus of each endpoint of which something new is known.
  init(client: KubernetesClient, logger: Logger, didChange: @escaping @Sendable (ObjectKey) async -> Void) {
    self.client = client
    self.logger = logger
    self.didChange = didChange
  }

  func evidence(of observation: Observation, for milvus: ObjectKey) -> Evidence {
    var evidence = Evidence()
    let pods = Set(observation.pods.map(\.uid))
    for (endpoint, known) in memory[milvus] ?? [:] where pods.contains(endpoint.run.podUID) {
      evidence.handshakes[endpoint.memoryKey] = known.judgement?.verdict
      evidence.served[endpoint.memoryKey] = known.judgement?.served
    }
    return evidence
  }

  func collect(_ request: EvidenceRequest, for milvus: ObjectKey) { make(request.handshakes, for: milvus) }

  /// Makes these handshakes, unless they are under way or were made recently, and ends all others with the pods of this
  /// Milvus. Where the client or the CAs changed, a handshake is made again.
  /// - Parameter handshakes: nil for none.
  func make(_ handshakes: TLSPlan.Handshakes?, for milvus: ObjectKey) {
    let wanted = Set(handshakes?.endpoints ?? [])
    forget(milvus) { !wanted.contains($0) }
    guard let handshakes else { return }
    for endpoint in wanted {
      var known = memory[milvus]?[endpoint] ?? Memory(handshakes: handshakes)
      let isFresh = known.time.map { $0.duration(to: .now) < Self.lifetime } ?? false
      if known.handshakes.client == handshakes.client, known.handshakes.authorities == handshakes.authorities,
        isFresh || known.task != nil
      {
        continue
      }
      known.task?.cancel()
      known.handshakes = handshakes
      known.task = Task { await ask(endpoint, handshakes, milvus) }
      memory[milvus, default: [:]][endpoint] = known
    }
  }

  func forget(_ pod: ObservedPod) {
    forget(ObjectKey(namespace: pod.namespace, name: pod.milvus)) { $0.run.podUID == pod.uid }
  }

  func stop() {
    for milvus in memory.keys { forget(milvus) { _ in true } }
  }

  private func forget(_ milvus: ObjectKey, _ isOver: (Endpoint) -> Bool) {
    for (endpoint, known) in memory[milvus] ?? [:] where isOver(endpoint) {
      known.task?.cancel()
      memory[milvus]?[endpoint] = nil
    }
    if memory[milvus]?.isEmpty ?? false { memory[milvus] = nil }
  }

  /// Asks until the endpoint confirms, with growing waits.
  private func ask(_ endpoint: Endpoint, _ handshakes: TLSPlan.Handshakes, _ milvus: ObjectKey) async {
    var backoff = Backoff(base: .seconds(1), limit: .seconds(300))
    running += 1
    defer { running -= 1 }
    while !Task.isCancelled {
      let judgement = try? await semaphore.withPermit(for: milvus) {
        await self.judge(endpoint, handshakes, namespace: milvus.namespace)
      }
      guard let judgement, !Task.isCancelled, var known = memory[milvus]?[endpoint] else { return }
      let isNews = known.judgement != judgement
      var isDone = false
      if case .confirmed = judgement.verdict { isDone = true }
      known.judgement = judgement
      known.time = .now
      if isDone { known.task = nil }
      memory[milvus]?[endpoint] = known
      if isNews { await didChange(milvus) }
      if isDone { return }
      try? await Task.sleep(for: backoff.next())
    }
  }

  /// - Returns: nil when cancelled.
  private func judge(
    _ endpoint: Endpoint,
    _ handshakes: TLSPlan.Handshakes,
    namespace: String
  ) async -> Judgement? {
    do {
      let answers = try await answers(of: endpoint, handshakes, namespace: namespace)
      let served = endpoint.certificate == nil ? answers.withoutCertificate.server?.chain.first : nil
      return Judgement(verdict: endpoint.verdict(on: answers), served: served)
    } catch is CancellationError {
      return nil
    } catch {
      logger.debug("handshake with \(namespace)/\(endpoint.name): \(error)")
      return Judgement(verdict: .unknown(reason: "\(error)"))
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
