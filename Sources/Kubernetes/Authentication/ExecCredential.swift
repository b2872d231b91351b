import Foundation
import JSON

/// What an exec plugin prints: the `ExecCredential` of `client.authentication.k8s.io`.
///
/// https://kubernetes.io/docs/reference/config-api/client-authentication.v1/
struct ExecCredential: Sendable, Equatable {
  var token: String?
  /// PEM.
  var clientCertificate: [UInt8]?
  var clientKey: [UInt8]?
  /// Nil for as long as the process lives.
  var expiration: Date?

  /// - Throws: `Malformed`, without a word of the content.
  init(parsing text: [UInt8], version: ExecPlugin.Version) throws {
    guard let json = try? JSONValue(parsing: text), json["kind"] == "ExecCredential" else {
      throw Malformed(reason: "printed no ExecCredential")
    }
    guard json["apiVersion"]?.string == version.rawValue else {
      throw Malformed(reason: "printed another apiVersion than \(version.rawValue)")
    }
    guard let status = json["status"], status.object != nil else {
      throw Malformed(reason: "printed an ExecCredential without status")
    }
    token = status["token"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    clientCertificate = try Self.pem("clientCertificateData", of: status)
    clientKey = try Self.pem("clientKeyData", of: status)
    guard (clientCertificate == nil) == (clientKey == nil) else {
      throw Malformed(reason: "status.clientCertificateData and status.clientKeyData go together")
    }
    guard token != nil || clientCertificate != nil else {
      throw Malformed(reason: "status must have token, or clientCertificateData and clientKeyData")
    }
    guard let time = status["expirationTimestamp"], !time.isNull else { return }
    expiration = time.string.flatMap(Self.date)
    if expiration == nil {
      throw Malformed(reason: "status.expirationTimestamp must be a time, as 2006-01-02T15:04:05Z")
    }
  }

  struct Malformed: Error {
    let reason: String
  }

  private static func pem(_ name: String, of status: JSONValue) throws -> [UInt8]? {
    guard let text = status[name]?.string, !text.isEmpty else { return nil }
    guard text.contains("-----BEGIN ") else { throw Malformed(reason: "status.\(name) must be PEM") }
    return Array(text.utf8)
  }

  /// RFC 3339, with fractions of a second or without.
  private static func date(_ text: String) -> Date? {
    (try? Date(text, strategy: .iso8601))
      ?? (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
  }
}
