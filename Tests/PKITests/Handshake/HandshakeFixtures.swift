import Foundation
import PKI

/// The name that the tests' servers are for.
let servedName = "my-release-milvus.default.svc"

/// The kinds of key that the operator makes.
let algorithms: [PrivateKey.Algorithm] = [.ecdsa(.p256), .rsa(bits: 2048), .ed25519]

/// A certificate and its key.
func makeIdentity(
  _ purpose: Purpose,
  of authority: CertificateAuthority,
  algorithm: PrivateKey.Algorithm = .ecdsa(.p256)
) throws -> TLSIdentity {
  let key = try PrivateKey(generating: algorithm)
  return try TLSIdentity(chain: [authority.issue(makeRequest(purpose), key: key)], key: key)
}

extension TLSServerSettings {
  /// A server with a certificate of this authority.
  init(of authority: CertificateAuthority, algorithm: PrivateKey.Algorithm = .ecdsa(.p256)) throws {
    let identity = try makeIdentity(.server, of: authority, algorithm: algorithm)
    self.init(chain: identity.chain, key: identity.key)
  }
}

extension LoopbackServer {
  /// A TLS server.
  convenience init(_ settings: TLSServerSettings, on address: String = "127.0.0.1") throws {
    try self.init(address) { descriptor in
      _ = try? TLSServerSession(settings).serve(descriptor)
    }
  }

  /// Probes this server.
  func report(
    trusting authority: CertificateAuthority,
    as serverName: String = servedName,
    identity: TLSIdentity? = nil,
    host: String = "127.0.0.1",
    answerTimeout: Duration = .seconds(120),
    at date: Date = today
  ) async throws -> TLSProbe.Report {
    let probe = try TLSProbe(
      serverName: serverName,
      authorities: [authority.certificate],
      identity: identity,
      timeout: .seconds(120),
      answerTimeout: answerTimeout
    )
    return try await probe.report(host: host, port: port, at: date)
  }
}

extension TLSProbe.Outcome {
  /// The kind of fault where the certificate is untrusted.
  var faultKind: ChainFault.Kind? {
    guard case .untrusted(let fault) = self else { return nil }
    return fault.kind
  }
}
