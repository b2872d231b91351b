import Foundation
import MilvusTLS
import PKI

/// A certificate of a release, from its Secret, or where that cannot be read, from the status of the MilvusTLS.
struct ReportCertificate {
  let role: SecretRole
  /// `Server`, `Client app`, `CA`.
  let title: String
  /// Empty for a certificate that the pods show and that no Secret holds.
  let secretName: String
  /// Nil where only the status is known.
  var certificate: Certificate?
  /// What follows it in its file.
  var intermediates: [Certificate] = []
  /// What its user trusts: the CAs in its Secret.
  var trusted: [Certificate] = []
  var notBefore: Date?
  var notAfter: Date?
  /// When it is due for renewal; nil where the operator does not renew it.
  var due: Date?
  /// When the operator is expected to renew it.
  var expected: Date?
  /// What is wrong with the Secret.
  var problems: [String] = []

  init(_ role: SecretRole, title: String, secretName: String) {
    (self.role, self.title, self.secretName) = (role, title, secretName)
  }

  /// Takes certificate and bundle from its Secret.
  mutating func take(_ secret: ReportSecret) {
    let entry = role == .authority ? secret.bundle : secret.leaf
    if let certificate = entry?.certificates.first { take(certificate) }
    intermediates = Array(entry?.certificates.dropFirst() ?? [])
    let bundle = secret.bundle
    if role != .authority { trusted = bundle?.certificates ?? [] }
    if entry == nil { problems.append("Secret \(secretName) has no certificate") }
    for entry in secret.entries {
      if let problem = entry.problem { problems.append("\(entry.name) of Secret \(secretName): \(problem)") }
    }
  }

  mutating func take(_ certificate: Certificate) {
    self.certificate = certificate
    (notBefore, notAfter) = (certificate.notBefore, certificate.notAfter)
  }

  /// Takes the time of renewal from a forecast.
  mutating func take(_ forecast: RenewalForecast, now: Date) {
    guard let certificate else { return }
    due = forecast.dueTime(of: certificate, role: role)
    expected = forecast.expectedTime(of: certificate, role: role, now: now)
  }
}
