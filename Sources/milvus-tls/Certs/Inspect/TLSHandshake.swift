import Foundation
import JSON
import MilvusTLS
import PKI

/// A handshake with a server, which presented certificates.
struct TLSHandshake {
  let host: String
  let port: UInt16
  let server: TLSProbe.Server

  var address: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Connects without a client certificate, for five seconds at most.
  /// - Throws: `CommandFailure` if the server presents no certificate; `PKIError` for an invalid host.
  init(host: String, port: UInt16, at now: Date) async throws {
    self.host = host
    self.port = port
    let probe = try TLSProbe(serverName: host, authorities: [])
    let report = try await probe.report(host: host, port: port, at: now)
    guard let server = report.server else {
      throw CommandFailure("\(host):\(port): \(Self.text(report.outcome))")
    }
    self.server = server
  }

  /// That the certificate is not for the host; nil where it is.
  var nameFinding: String? {
    guard let leaf = server.chain.first, let certificate = try? GoCertificate(der: leaf.der), !certificate.covers(host)
    else { return nil }
    return "\(address) does not cover \(host): a client has to set a server name that is among its names"
  }

  var rows: [[String]] {
    [
      ["PROTOCOL", server.version.description + (server.applicationProtocol.map { ", \($0)" } ?? "")],
      ["CLIENT CERTIFICATE", server.requestsClientCertificate ? "requested" : "not requested"],
    ]
  }

  var json: JSONValue {
    [
      "protocol": .string(server.version.description),
      "applicationProtocol": server.applicationProtocol.map(JSONValue.string) ?? .null,
      "requestsClientCertificate": .bool(server.requestsClientCertificate),
    ]
  }

  /// Why there is no certificate.
  private static func text(_ outcome: TLSProbe.Outcome) -> String {
    switch outcome {
    case .unresolved(let reason): "\(reason): check the name"
    case .connectionRefused: "connection refused: nothing listens on the port"
    case .unreachable(let reason): reason
    case .timedOut(let step): "no answer within 5 seconds (\(step.rawValue)): check address and firewall"
    case .notTLS: "the server answers without TLS"
    case .closed(let step): "the server closed the connection during the \(step.rawValue): it may not serve TLS there"
    case .failed(let reason): "TLS handshake failed: \(reason)"
    case .refused(let alert): "the server refuses the handshake: \(alert)"
    case .untrusted(let fault): "\(fault)"
    case .accepted, .noAnswer: "the server presented no certificate"
    }
  }
}
