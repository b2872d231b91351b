import COpenSSL
import Foundation

/// One X.509 certificate (RFC 5280), read in full when it is made.
///
/// Two are equal when their encodings are.
public struct Certificate: Sendable, Hashable, CustomStringConvertible {
  /// The encoding.
  public let der: [UInt8]
  /// Whom the certificate is about.
  public let subject: DistinguishedName
  /// Who signed it.
  public let issuer: DistinguishedName
  /// Lower-case hexadecimal, two digits an octet.
  public let serialNumber: String
  /// The first second it is valid at.
  public let notBefore: Date
  /// The last second it is valid at.
  public let notAfter: Date
  /// The DNS names among the subject alternative names, as written.
  public let dnsNames: [String]
  /// The IP addresses among the subject alternative names: dotted decimal, or RFC 5952.
  public let ipAddresses: [String]
  /// Whether it may sign certificates: basicConstraints has CA:TRUE, and keyUsage, where there is one, keyCertSign.
  public let isAuthority: Bool
  /// What the key may do; nil when the certificate does not restrict it.
  public let keyUsages: Set<KeyUsage>?
  /// What the certificate may serve for; nil when it does not restrict that.
  ///
  /// Purposes without a case here are left out.
  public let extendedKeyUsages: Set<ExtendedKeyUsage>?
  /// The SKI extension.
  public let subjectKeyIdentifier: [UInt8]?
  /// The key identifier of the AKI extension.
  public let authorityKeyIdentifier: [UInt8]?
  /// The kind of the public key; nil for one that this module does not make.
  public let publicKeyAlgorithm: PrivateKey.Algorithm?
  /// OpenSSL's long name, such as `ecdsa-with-SHA256`, or a dotted object identifier.
  public let signatureAlgorithm: String
  /// SHA-256 of the encoding, lower-case hexadecimal without colons.
  public let sha256Fingerprint: String

  let handle: Handle

  /// Reads one certificate from its encoding.
  ///
  /// - Throws: ``PKIError`` when it is malformed, or bytes follow it.
  public init(der: [UInt8]) throws {
    let call = OpenSSLCall("read a certificate")
    let pointer = try der.withUnsafeBufferPointer { bytes in
      var position = bytes.baseAddress
      let pointer = try call.check(d2i_X509(nil, &position, bytes.count))
      guard position == bytes.baseAddress.map({ $0 + bytes.count }) else {
        X509_free(pointer)
        throw call.failure("bytes follow the certificate")
      }
      return pointer
    }
    try self.init(Handle(owning: pointer), for: call)
  }

  /// Reads what OpenSSL parsed or made.
  init(_ handle: Handle, for call: OpenSSLCall) throws {
    defer { withExtendedLifetime(handle) {} }
    let reader = try handle.withPointer { try CertificateReader($0, for: call) }
    let alternativeNames = try reader.alternativeNames()
    self.handle = handle
    der = try reader.der()
    subject = try reader.subject()
    issuer = try reader.issuer()
    serialNumber = try reader.serialNumber()
    notBefore = try reader.notBefore()
    notAfter = try reader.notAfter()
    dnsNames = alternativeNames.dnsNames
    ipAddresses = alternativeNames.ipAddresses
    isAuthority = reader.isAuthority()
    keyUsages = reader.keyUsages()
    extendedKeyUsages = reader.extendedKeyUsages()
    subjectKeyIdentifier = reader.subjectKeyIdentifier()
    authorityKeyIdentifier = reader.authorityKeyIdentifier()
    publicKeyAlgorithm = reader.publicKeyAlgorithm()
    signatureAlgorithm = try reader.signatureAlgorithm()
    sha256Fingerprint = try reader.sha256Fingerprint()
    ERR_clear_error()
  }

  /// Whether the certificate holds the public half of this key.
  public func matches(_ key: PrivateKey) -> Bool {
    defer { ERR_clear_error() }
    return handle.withPointer { certificate in
      key.handle.withPointer { key in
        X509_get0_pubkey(certificate).map { EVP_PKEY_eq($0, key) == 1 } ?? false
      }
    }
  }

  /// Whether `authority` issued this: its subject is the issuer here, its key identifier and its usages agree, and the signature holds.
  ///
  /// Says nothing of times and purposes; ``ChainVerifier`` does.
  public func isIssued(by authority: Certificate) -> Bool {
    defer { ERR_clear_error() }
    return handle.withPointer { certificate in
      authority.handle.withPointer { authority in
        guard X509_check_issued(authority, certificate) == X509_V_OK else { return false }
        return X509_get0_pubkey(authority).map { X509_verify(certificate, $0) == 1 } ?? false
      }
    }
  }

  /// The subject and the serial number.
  public var description: String {
    "Certificate(\(subject.label), serial \(serialNumber))"
  }

  /// Compares the encodings.
  public static func == (left: Certificate, right: Certificate) -> Bool {
    left.der == right.der
  }

  /// Hashes the encoding.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(der)
  }
}
