import COpenSSL
import Foundation
import Synchronization

/// An X.509 certificate (RFC 5280), fully parsed on creation.
///
/// Two certificates are equal if their encodings are. What was parsed is shared by all copies, and by all readers of the
/// same bytes while one of them keeps it.
public struct Certificate: Sendable, Hashable, CustomStringConvertible {
  let contents: Contents

  init(_ contents: Contents) { self.contents = contents }

  /// DER encoding.
  public var der: [UInt8] { contents.der }
  /// The subject.
  public var subject: DistinguishedName { contents.subject }
  /// The issuer.
  public var issuer: DistinguishedName { contents.issuer }
  /// Serial number in lower-case hexadecimal, two digits per octet.
  public var serialNumber: String { contents.serialNumber }
  /// First second of its validity.
  public var notBefore: Date { contents.notBefore }
  /// Last second of its validity.
  public var notAfter: Date { contents.notAfter }
  /// DNS names of the subject alternative name extension, as encoded.
  public var dnsNames: [String] { contents.dnsNames }
  /// IP addresses of the subject alternative name extension, as dotted decimal or RFC 5952.
  public var ipAddresses: [String] { contents.ipAddresses }
  /// Whether it is a CA certificate: basicConstraints has CA:TRUE, and keyUsage, if present, has keyCertSign.
  public var isAuthority: Bool { contents.isAuthority }
  /// Allowed uses of the key; nil if the certificate does not restrict them.
  public var keyUsages: Set<KeyUsage>? { contents.keyUsages }
  /// Allowed purposes; nil if the certificate does not restrict them.
  ///
  /// Purposes without a case in ``ExtendedKeyUsage`` are omitted.
  public var extendedKeyUsages: Set<ExtendedKeyUsage>? { contents.extendedKeyUsages }
  /// Value of the SKI extension.
  public var subjectKeyIdentifier: [UInt8]? { contents.subjectKeyIdentifier }
  /// Key identifier of the AKI extension.
  public var authorityKeyIdentifier: [UInt8]? { contents.authorityKeyIdentifier }
  /// Algorithm of the public key; nil for one that this module does not generate.
  public var publicKeyAlgorithm: PrivateKey.Algorithm? { contents.publicKeyAlgorithm }
  /// OpenSSL's long name, for example `ecdsa-with-SHA256`, or the dotted object identifier.
  public var signatureAlgorithm: String { contents.signatureAlgorithm }
  /// SHA-256 of the encoding in lower-case hexadecimal, without colons.
  public var sha256Fingerprint: String { contents.sha256Fingerprint }

  var handle: Handle { contents.handle }

  /// Reads one certificate from DER.
  ///
  /// - Throws: ``PKIError`` if it is malformed, or more bytes follow it.
  public init(der: [UInt8]) throws {
    let call = OpenSSLCall("read a certificate")
    self = try CertificateTable.shared.certificate(der) {
      try Certificate(try Self.handle(der: der, for: call), for: call)
    }
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
    contents = try Contents(handle, reader, names: try names ?? reader.alternativeNames())
    ERR_clear_error()
  }

  /// Whether the certificate contains the public half of the first private key of a PEM text. The key is read once: of
  /// a text that matched, the digest is kept.
  ///
  /// - Throws: ``PKIError`` as ``PrivateKey/init(pem:)`` does.
  public func matches(keyPEM text: String) throws -> Bool {
    let digest = try SHA256Digest(of: Array(text.utf8))
    if contents.matchingKey.withLock({ $0 == digest }) { return true }
    guard matches(try PrivateKey(pem: text)) else { return false }
    contents.matchingKey.withLock { $0 = digest }
    return true
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
    left.contents === right.contents || left.der == right.der
  }

  /// Hashes the encoding.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(sha256Fingerprint)
  }
}

extension Certificate {
  /// What was parsed, once for all copies.
  final class Contents: Sendable {
    let der: [UInt8]
    let subject: DistinguishedName
    let issuer: DistinguishedName
    let serialNumber: String
    let notBefore: Date
    let notAfter: Date
    let dnsNames: [String]
    let ipAddresses: [String]
    let isAuthority: Bool
    let keyUsages: Set<KeyUsage>?
    let extendedKeyUsages: Set<ExtendedKeyUsage>?
    let subjectKeyIdentifier: [UInt8]?
    let authorityKeyIdentifier: [UInt8]?
    let publicKeyAlgorithm: PrivateKey.Algorithm?
    let signatureAlgorithm: String
    let sha256Fingerprint: String
    let handle: Handle
    /// The digest of a private key's PEM text that belongs to the certificate.
    let matchingKey = Mutex<SHA256Digest?>(nil)

    init(
      _ handle: Handle,
      _ reader: CertificateReader,
      names: (dnsNames: [String], ipAddresses: [String])
    ) throws {
      self.handle = handle
      der = try reader.der()
      subject = try reader.subject()
      issuer = try reader.issuer()
      serialNumber = try reader.serialNumber()
      notBefore = try reader.notBefore()
      notAfter = try reader.notAfter()
      dnsNames = names.dnsNames
      ipAddresses = names.ipAddresses
      isAuthority = reader.isAuthority()
      keyUsages = reader.keyUsages()
      extendedKeyUsages = reader.extendedKeyUsages()
      subjectKeyIdentifier = reader.subjectKeyIdentifier()
      authorityKeyIdentifier = reader.authorityKeyIdentifier()
      publicKeyAlgorithm = reader.publicKeyAlgorithm()
      signatureAlgorithm = try reader.signatureAlgorithm()
      sha256Fingerprint = try reader.sha256Fingerprint()
    }
  }
}
