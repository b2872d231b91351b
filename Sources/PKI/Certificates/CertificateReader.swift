import COpenSSL
import Foundation

/// Reads the fields of an `X509` that the caller keeps alive.
struct CertificateReader {
  private let certificate: OpaquePointer
  private let call: OpenSSLCall

  init(_ certificate: OpaquePointer, for call: OpenSSLCall) {
    self.certificate = certificate
    self.call = call
  }

  /// Makes OpenSSL decode the extensions.
  ///
  /// - Throws: ``PKIError`` if one of them is malformed.
  func checkExtensions() throws {
    guard X509_get_extension_flags(certificate) & UInt32(EXFLAG_INVALID) == 0 else {
      throw call.failure("the certificate's extensions are malformed")
    }
  }

  func der() throws -> [UInt8] {
    var bytes: UnsafeMutablePointer<UInt8>?
    let count = i2d_X509(certificate, &bytes)
    guard count > 0, let bytes else { throw call.failure() }
    defer { COpenSSL_free(bytes) }
    return Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
  }

  func subject() throws -> DistinguishedName {
    try DistinguishedName(try call.check(X509_get_subject_name(certificate)), for: call)
  }

  func issuer() throws -> DistinguishedName {
    try DistinguishedName(try call.check(X509_get_issuer_name(certificate)), for: call)
  }

  func serialNumber() throws -> String {
    guard let number = X509_get0_serialNumber(certificate) else { throw call.failure() }
    let sign = number.pointee.type == V_ASN1_NEG_INTEGER ? "-" : ""
    return sign + [UInt8](number).hexadecimal
  }

  func notBefore() throws -> Date {
    try EncodedTime.date(X509_get0_notBefore(certificate), for: call)
  }

  func notAfter() throws -> Date {
    try EncodedTime.date(X509_get0_notAfter(certificate), for: call)
  }

  func isAuthority() -> Bool {
    // 1 means basicConstraints; other positive results are guesses for certificates without that extension.
    X509_check_ca(certificate) == 1
  }

  func keyUsages() -> Set<KeyUsage>? {
    let bits = X509_get_key_usage(certificate)
    return bits == .max ? nil : Set(KeyUsage.allCases.filter { bits & $0.bit != 0 })
  }

  func extendedKeyUsages() -> Set<ExtendedKeyUsage>? {
    let bits = X509_get_extended_key_usage(certificate)
    return bits == .max ? nil : Set(ExtendedKeyUsage.allCases.filter { bits & $0.bit != 0 })
  }

  func subjectKeyIdentifier() -> [UInt8]? {
    X509_get0_subject_key_id(certificate).map { [UInt8]($0) }
  }

  func authorityKeyIdentifier() -> [UInt8]? {
    X509_get0_authority_key_id(certificate).map { [UInt8]($0) }
  }

  func publicKeyAlgorithm() -> PrivateKey.Algorithm? {
    X509_get0_pubkey(certificate).flatMap { PrivateKey.Algorithm(of: $0) }
  }

  func signatureAlgorithm() throws -> String {
    var algorithm: UnsafePointer<X509_ALGOR>?
    X509_get0_signature(nil, &algorithm, certificate)
    return ObjectName.long(try call.check(algorithm?.pointee.algorithm))
  }

  func sha256Fingerprint() throws -> String {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    try call.check(X509_digest(certificate, EVP_sha256(), &digest, &count))
    return Array(digest.prefix(Int(count))).hexadecimal
  }

  /// The subject alternative names of the two types that TLS verifies.
  func alternativeNames() throws -> (dnsNames: [String], ipAddresses: [String]) {
    var critical: Int32 = 0
    let extensionValue = X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, nil)
    guard let extensionValue else {
      let isAbsent = critical == -1
      guard isAbsent else { throw call.failure("the subject alternative names are malformed") }
      return ([], [])
    }
    let names = OpaquePointer(extensionValue)
    defer { GENERAL_NAMES_free(names) }
    var dnsNames: [String] = []
    var ipAddresses: [String] = []
    for index in 0..<COpenSSL_generalNamesCount(names) {
      var kind: Int32 = 0
      let value = GENERAL_NAME_get0_value(COpenSSL_generalNamesValue(names, index), &kind)
      guard kind == GEN_DNS || kind == GEN_IPADD, let value else { continue }
      let octets = [UInt8](value.assumingMemoryBound(to: ASN1_STRING.self))
      if kind == GEN_DNS {
        dnsNames.append(try dnsName(octets))
      } else {
        ipAddresses.append(try ipAddress(octets))
      }
    }
    return (dnsNames, ipAddresses)
  }

  private func dnsName(_ octets: [UInt8]) throws -> String {
    guard octets.allSatisfy({ (0x20...0x7e).contains($0) }) else {
      throw call.failure("a DNS name among the subject alternative names is not printable ASCII")
    }
    return String(decoding: octets, as: UTF8.self)
  }

  private func ipAddress(_ octets: [UInt8]) throws -> String {
    guard let address = IPAddress(octets: octets) else {
      throw call.failure("an IP address among the subject alternative names has \(octets.count) octets, not 4 or 16")
    }
    return address.description
  }
}
