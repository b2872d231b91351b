import COpenSSL
import Foundation

/// Content of a certificate before it is signed.
struct CertificateTemplate {
  let subject: DistinguishedName
  let validity: Validity
  /// Nil for a random one.
  var serialNumber: SerialNumber?
  /// In encoding order; the subject key identifier must come before the authority key identifier.
  let extensions: [CertificateExtension]

  /// A root certificate, signed with the key it certifies.
  func selfSigned(_ key: PrivateKey, operation: String) throws -> Certificate {
    let call = OpenSSLCall(operation)
    return try subject.withPointer(for: call) { name in
      try certificate(for: key, issuerName: name, issuer: nil, signer: key, call: call)
    }
  }

  /// A leaf for the public half of `key`.
  func signed(by authority: CertificateAuthority, for key: PrivateKey, operation: String) throws -> Certificate {
    let call = OpenSSLCall(operation)
    return try authority.certificate.handle.withPointer { issuer in
      let name = try call.check(X509_get_subject_name(issuer))
      return try certificate(for: key, issuerName: name, issuer: issuer, signer: authority.key, call: call)
    }
  }

  /// Builds and signs the certificate and reads it back. Without an `issuer` it is self-signed.
  private func certificate(
    for key: PrivateKey,
    issuerName: OpaquePointer,
    issuer: OpaquePointer?,
    signer: PrivateKey,
    call: OpenSSLCall
  ) throws -> Certificate {
    let handle = Certificate.Handle(owning: try call.check(X509_new()))
    try handle.withPointer { certificate in
      try call.check(X509_set_version(certificate, Int(X509_VERSION_3)))
      try setSerialNumber(of: certificate, call: call)
      try setValidity(of: certificate, call: call)
      try call.check(X509_set_issuer_name(certificate, issuerName))
      try subject.withPointer(for: call) { try call.check(X509_set_subject_name(certificate, $0)) }
      try key.handle.withPointer { try call.check(X509_set_pubkey(certificate, $0)) }
      for item in extensions {
        try add(item, to: certificate, issuer: issuer ?? certificate, call: call)
      }
      try signer.handle.withPointer {
        try call.check(X509_sign(certificate, $0, Self.digest(for: signer.algorithm)))
      }
    }
    let certificate = try Certificate(handle, for: call)
    try CertificateTable.shared.note(certificate)
    return certificate
  }

  /// The given number, or 128 random bits; RFC 5280, 4.1.2.2 requires a positive number of at most 20 octets.
  private func setSerialNumber(of certificate: OpaquePointer, call: OpenSSLCall) throws {
    let number = try call.check(BN_new())
    defer { BN_free(number) }
    if let octets = serialNumber?.octets {
      _ = try call.check(BN_bin2bn(octets, Int32(octets.count), number))
    } else {
      repeat {
        try call.check(BN_rand(number, 128, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY))
      } while BN_is_zero(number) == 1
    }
    guard BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil else { throw call.failure() }
  }

  private func setValidity(of certificate: OpaquePointer, call: OpenSSLCall) throws {
    let first = try EncodedTime.seconds(validity.notBefore, for: call)
    let last = try EncodedTime.seconds(validity.notAfter, for: call)
    guard first < last else {
      throw call.failure(
        "its validity ends at \(validity.notAfter.ISO8601Format()), but must end after it begins at \(validity.notBefore.ISO8601Format())"
      )
    }
    guard
      ASN1_TIME_set(X509_getm_notBefore(certificate), first) != nil,
      ASN1_TIME_set(X509_getm_notAfter(certificate), last) != nil
    else { throw call.failure() }
  }

  private func add(
    _ item: CertificateExtension,
    to certificate: OpaquePointer,
    issuer: OpaquePointer,
    call: OpenSSLCall
  ) throws {
    let encoded = try item.encoded(for: call) { X509V3_set_ctx(&$0, issuer, certificate, nil, nil, 0) }
    defer { X509_EXTENSION_free(encoded) }
    try call.check(X509_add_ext(certificate, encoded, -1))
  }

  /// A digest that matches the strength of the key; nil for signature schemes that include one.
  static func digest(for algorithm: PrivateKey.Algorithm?) -> OpaquePointer? {
    switch algorithm {
    case .ed25519: nil
    case .ecdsa(.p384): EVP_sha384()
    default: EVP_sha256()
    }
  }
}
