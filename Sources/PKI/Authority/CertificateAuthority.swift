import COpenSSL
import Foundation

/// A CA: a certificate that may sign others, and its private key.
public struct CertificateAuthority: Sendable {
  /// The certificate that peers trust.
  public let certificate: Certificate
  /// The key that signs.
  public let key: PrivateKey

  /// Pairs a certificate with its key.
  ///
  /// - Throws: ``PKIError`` if the key does not belong to the certificate, or the certificate is not a CA certificate.
  public init(certificate: Certificate, key: PrivateKey) throws {
    let call = OpenSSLCall("load the CA \(certificate.subject.label)")
    guard certificate.isAuthority else {
      throw call.failure("it is not a CA certificate: CA:TRUE and key usage keyCertSign are required")
    }
    guard certificate.matches(key) else { throw call.failure("the private key does not belong to the certificate") }
    self.certificate = certificate
    self.key = key
  }

  /// Generates a key and a self-signed root certificate that may sign leaves but no other CAs (pathlen:0).
  ///
  /// - Parameter subject: must not be empty, and must differ from the subject of every leaf.
  /// - Throws: ``PKIError``.
  public static func selfSigned(
    subject: DistinguishedName,
    algorithm: PrivateKey.Algorithm,
    validity: Validity
  ) throws -> CertificateAuthority {
    try root(subject, validity: validity, key: PrivateKey(generating: algorithm))
  }

  /// A self-signed root certificate for a key that is there.
  ///
  /// - Throws: ``PKIError``.
  public static func selfSigned(
    subject: DistinguishedName,
    key: PrivateKey,
    validity: Validity
  ) throws -> CertificateAuthority {
    try root(subject, validity: validity, key: key)
  }

  /// A new root certificate for the same name and key: certificates signed by the old one chain to the new one too.
  ///
  /// - Throws: ``PKIError``.
  public func renewed(validity: Validity) throws -> CertificateAuthority {
    try Self.root(certificate.subject, validity: validity, key: key)
  }

  private static func root(
    _ subject: DistinguishedName,
    validity: Validity,
    key: PrivateKey
  ) throws -> CertificateAuthority {
    let operation = "create the CA \(subject)"
    guard !subject.isEmpty else { throw OpenSSLCall(operation).failure("its subject is empty") }
    let template = CertificateTemplate(
      subject: subject,
      validity: validity,
      extensions: [.authorityConstraints, .keyUsages([.keyCertSign, .cRLSign]), .subjectKeyIdentifier]
    )
    return try CertificateAuthority(certificate: template.selfSigned(key, operation: operation), key: key)
  }

  /// Signs a server or client certificate.
  ///
  /// The end of its validity is limited to that of the CA certificate.
  ///
  /// - Parameters:
  ///   - request: content of the certificate.
  ///   - key: the subject's key; only its public half is used.
  ///   - serialNumber: for a CA that counts its certificates; nil for a random one.
  /// - Throws: ``PKIError``, for example if the subject is the CA's own (a chain builder would consider such a leaf its
  ///   own issuer) or the CA expires before the leaf becomes valid.
  public func issue(
    _ request: LeafRequest,
    key: PrivateKey,
    serialNumber: SerialNumber? = nil
  ) throws -> Certificate {
    let operation = "issue the \(request.purpose) certificate \(request.subject.label)"
    guard try !request.subject.isSubject(of: certificate) else {
      throw OpenSSLCall(operation).failure("its subject is the CA's own")
    }
    try checkTimeLeft(for: request, call: OpenSSLCall(operation))
    let template = CertificateTemplate(
      subject: request.subject,
      validity: Validity(
        notBefore: request.validity.notBefore,
        notAfter: min(request.validity.notAfter, certificate.notAfter)
      ),
      serialNumber: serialNumber,
      extensions: extensions(for: request, key: key)
    )
    return try template.signed(by: self, for: key, operation: operation)
  }

  private func checkTimeLeft(for request: LeafRequest, call: OpenSSLCall) throws {
    let begin = try EncodedTime.seconds(request.validity.notBefore, for: call)
    guard begin < (try EncodedTime.seconds(certificate.notAfter, for: call)) else {
      let end = certificate.notAfter.ISO8601Format()
      throw call.failure("the CA certificate expires at \(end), before this certificate becomes valid")
    }
  }

  private func extensions(for request: LeafRequest, key: PrivateKey) -> [CertificateExtension] {
    // A provided CA may have no identifier to refer to.
    let issuer: [CertificateExtension] = certificate.subjectKeyIdentifier == nil ? [] : [.authorityKeyIdentifier]
    return request.extensions(for: key) + [.subjectKeyIdentifier] + issuer
  }
}
