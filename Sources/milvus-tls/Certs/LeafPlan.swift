import Foundation
import PKI

/// A server or client certificate to be issued.
struct LeafPlan {
  let purpose: Purpose
  var subject: DistinguishedName
  let dnsNames: [String]
  let ipAddresses: [String]
  let algorithm: PrivateKey.Algorithm
  let lifetime: Lifetime

  /// - Throws: `PKIError` that names the invalid name.
  func request(at now: Date) throws -> LeafRequest {
    try LeafRequest(
      purpose: purpose,
      subject: subject,
      dnsNames: dnsNames,
      ipAddresses: ipAddresses,
      validity: lifetime.validity(from: now)
    )
  }

  /// The same with a subject that differs from the CA's: gen.sh gives both the same, and a chain builder can take such
  /// a certificate for its own issuer.
  /// - Throws: `PKIError`.
  func distinct(from authority: Certificate) throws -> LeafPlan {
    var plan = self
    guard try plan.subject.isSubject(of: authority) else { return plan }
    // As in the older manual, whose CA has a province and a locality and whose other certificates have none.
    let common = plan.subject
    plan.subject = try DistinguishedName(
      commonName: common.commonName,
      country: common.country,
      organization: common.organization,
      organizationalUnit: common.organizationalUnit
    )
    guard try plan.subject.isSubject(of: authority) else { return plan }
    plan.subject = try DistinguishedName(
      commonName: common.commonName,
      country: common.country,
      organization: common.organization,
      organizationalUnit: "\(purpose)"
    )
    return plan
  }
}
