import Foundation
import JSON

/// Output of an exec plugin: the `ExecCredential` of `client.authentication.k8s.io`.
///
/// https://kubernetes.io/docs/reference/config-api/client-authentication.v1/
struct ExecCredential: Sendable, Equatable {
  var token: String?
  /// PEM.
  var clientCertificate: [UInt8]?
  var clientKey: [UInt8]?
  /// Nil if the credential is valid for the lifetime of the process.
  var expiration: Date?

  /// - Throws: `Malformed`, which never contains the credential.
  init(parsing text: [UInt8], version: ExecPlugin.Version) throws {
    guard let json = try? JSONValue(parsing: text), json["kind"] == "ExecCredential" else {
      throw Malformed(reason: "printed no ExecCredential")
    }
    guard json["apiVersion"]?.string == version.rawValue else {
      throw Malformed(reason: "printed an apiVersion other than \(version.rawValue)")
    }
    guard let status = json["status"], status.object != nil else {
      throw Malformed(reason: "printed an ExecCredential without status")
    }
    token = status["token"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    clientCertificate = try Self.pem("clientCertificateData", of: status)
    clientKey = try Self.pem("clientKeyData", of: status)
    guard (clientCertificate == nil) == (clientKey == nil) else {
      throw Malformed(reason: "status must have both or neither of clientCertificateData and clientKeyData")
    }
    guard token != nil || clientCertificate != nil else {
      throw Malformed(reason: "status must have token, or clientCertificateData and clientKeyData")
    }
    guard let time = status["expirationTimestamp"], !time.isNull else { return }
    expiration = time.string.flatMap(Date.init(rfc3339:))
    if expiration == nil {
      throw Malformed(reason: "status.expirationTimestamp must be a time such as 2006-01-02T15:04:05Z")
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
}
