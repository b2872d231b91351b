import Foundation
import PKI
import Testing

/// 2026-08-01T00:00:00Z, the day most tests play on.
let today = Date(timeIntervalSince1970: 1_785_542_400)
let day: TimeInterval = 86_400

func makeAuthority(
  _ commonName: String = "test authority",
  algorithm: PrivateKey.Algorithm = .ecdsa(.p256),
  validity: Validity = Validity(from: today, duration: 3650 * day)
) throws -> CertificateAuthority {
  try .selfSigned(subject: DistinguishedName(commonName: commonName), algorithm: algorithm, validity: validity)
}

func makeRequest(
  _ purpose: Purpose = .server,
  commonName: String = "my-release-milvus.default.svc",
  dnsNames: [String] = ["my-release-milvus.default.svc", "localhost"],
  ipAddresses: [String] = ["127.0.0.1", "::1"],
  validity: Validity = Validity(from: today, duration: 365 * day)
) throws -> LeafRequest {
  try LeafRequest(
    purpose: purpose,
    subject: DistinguishedName(commonName: commonName),
    dnsNames: dnsNames,
    ipAddresses: ipAddresses,
    validity: validity
  )
}

extension CertificateAuthority {
  /// Issues to a new P-256 key.
  func issue(_ request: LeafRequest) throws -> Certificate {
    try issue(request, key: PrivateKey(generating: .ecdsa(.p256)))
  }
}

/// The error that `body` throws; any other outcome fails the test.
func failure(
  _ location: SourceLocation = #_sourceLocation,
  _ body: () throws -> some Any
) -> String {
  let error = #expect(throws: PKIError.self, sourceLocation: location) { _ = try body() }
  return error?.description ?? ""
}
