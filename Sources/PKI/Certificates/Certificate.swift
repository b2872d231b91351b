import COpenSSL
import Foundation

/// An X.509 certificate (RFC 5280), fully parsed on creation.
///
/// Two certificates are equal if their encodings are.
public struct Certificate: Sendable, Hashable, CustomStringConvertible {
  /// DER encoding.
  public let der: [UInt8]
  /// The subject.
  public let subject: DistinguishedName
  /// The issuer.
  public let issuer: DistinguishedName
  /// Serial number in lower-case hexadecimal, two digits per octet.
  public let serialNumber: String
  /// First second of its validity.
  public let notBefore: Date
  /// Last second of its validity.
  public let notAfter: Date
  /// DNS names of the subject alternative name extension, as encoded.
  public let dnsNames: [String]
  /// IP addresses of the subject alternative name extension, as dotted decimal or RFC 5952.
  public let ipAddresses: [String]
  /// Whether it is a CA certificate: basicConstraints has CA:TRUE, and keyUsage, if present, has keyCertSign.
  public let isAuthority: Bool
  /// Allowed uses of the key; nil if the certificate does not restrict them.
  public let keyUsages: Set<KeyUsage>?
  /// Allowed purposes; nil if the certificate does not restrict them.
  ///
  /// Purposes without a case in ``ExtendedKeyUsage`` are omitted.
  public let extendedKeyUsages: Set<ExtendedKeyUsage>?
  /// Value of the SKI extension.
  public let subjectKeyIdentifier: [UInt8]?
  /// Key identifier of the AKI extension.
  public let authorityKeyIdentifier: [UInt8]?
  /// Algorithm of the public key; nil for one that this module does not generate.
  public let publicKeyAlgorithm: PrivateKey.Algorithm?
  /// OpenSSL's long name, for example `ecdsa-with-SHA256`, or the dotted object identifier.
  public let signatureAlgorithm: String
  /// SHA-256 of the encoding in lower-case hexadecimal, without colons.
  public let sha256Fingerprint: String

  let handle: Handle

  /// Reads one certificate from DER.
  ///
  /// - Throws: ``PKIError`` if it is malformed, or more bytes follow it.
  public init(der: [UInt8]) throws {
    let call = OpenSSLCall("read a certificate")
    try self.init(try Self.handle(der: der, for: call), for: call)
  }

  /// Reads a certificate that Go reads, with the names that Go found; what OpenSSL thinks of its extensions does not
  /// count.
  init(der: [UInt8], names: (dnsNames: [String], ipAddresses: [String])) throws {
    let call = OpenSSLCall("read a certificate")
    try self.init(try Self.handle(der: der, for: call), names: names, for: call)
  }

  private static func handle(der: [UInt8], for call: OpenSSLCall) throws -> Handle {
    let pointer = try der.withUnsafeBufferPointer { bytes in
      var position = bytes.baseAddress
      let pointer = try call.check(d2i_X509(nil, &position, bytes.count))
      guard position == bytes.baseAddress.map({ $0 + bytes.count }) else {
        X509_free(pointer)
        throw call.failure("extra bytes follow the certificate")
      }
      return pointer
    }
    return Handle(owning: pointer)
  }

  /// Reads a certificate that OpenSSL parsed or created.
  ///
  /// - Parameter names: the subject alternative names where others read them, and checked the extensions.
  init(
    _ handle: Handle,
    names: (dnsNames: [String], ipAddresses: [String])? = nil,
    for call: OpenSSLCall
  ) throws {
    defer { withExtendedLifetime(handle) {} }
    let reader = handle.withPointer { CertificateReader($0, for: call) }
    if names == nil { try reader.checkExtensions() }
    let alternativeNames = try names ?? reader.alternativeNames()
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

  /// Whether the certificate contains the public half of this key.
  public func matches(_ key: PrivateKey) -> Bool {
    defer { ERR_clear_error() }
    return handle.withPointer { certificate in
      key.handle.withPointer { key in
        X509_get0_pubkey(certificate).map { EVP_PKEY_eq($0, key) == 1 } ?? false
      }
    }
  }

  /// Whether `authority` issued this certificate: its subject is this certificate's issuer, its key identifier and
  /// usages match, and the signature is valid.
  ///
  /// Does not check validity periods or purposes; use ``ChainVerifier`` for that.
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
