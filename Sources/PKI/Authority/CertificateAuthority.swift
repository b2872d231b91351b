import COpenSSL
import Foundation

/// A certificate that may sign others, and its key.
public struct CertificateAuthority: Sendable {
  /// What peers trust.
  public let certificate: Certificate
  /// What signs.
  public let key: PrivateKey

  /// Pairs a certificate with its key.
  ///
  /// - Throws: ``PKIError`` when the key is not the certificate's, or the certificate may not sign others.
  public init(certificate: Certificate, key: PrivateKey) throws {
    let call = OpenSSLCall("load the authority \(certificate.subject.label)")
    guard certificate.isAuthority else {
      throw call.failure("the certificate is not an authority's: it needs CA:TRUE and the usage keyCertSign")
    }
    guard certificate.matches(key) else { throw call.failure("the private key does not belong to the certificate") }
    self.certificate = certificate
    self.key = key
  }

  /// Makes a new key and a root certificate for it, which may sign leaves but no further authorities (pathlen:0).
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

  /// Makes another root certificate for the same name and key: what the old one signed is good with the new one too.
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
    let operation = "make the authority \(subject)"
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
  /// The end of its validity is cut to the authority's own: a chain is valid no longer than its root.
  ///
  /// - Parameters:
  ///   - request: what the certificate says.
  ///   - key: the subject's key; only its public half is used.
  /// - Throws: ``PKIError``, among others when the subject is the authority's own (a chain builder would take such a leaf for its own issuer) or the
  ///   authority ends before the leaf begins.
  public func issue(_ request: LeafRequest, key: PrivateKey) throws -> Certificate {
    let operation = "issue the \(request.purpose) certificate \(request.subject.label)"
    guard try !request.subject.isSubject(of: certificate) else {
      throw OpenSSLCall(operation).failure("its subject is the authority's own")
    }
    try checkTimeLeft(for: request, call: OpenSSLCall(operation))
    let template = CertificateTemplate(
      subject: request.subject,
      validity: Validity(
        notBefore: request.validity.notBefore,
        notAfter: min(request.validity.notAfter, certificate.notAfter)
      ),
      extensions: extensions(for: request, key: key)
    )
    return try template.signed(by: self, for: key, operation: operation)
  }

  private func checkTimeLeft(for request: LeafRequest, call: OpenSSLCall) throws {
    let begin = try EncodedTime.seconds(request.validity.notBefore, for: call)
    guard begin < (try EncodedTime.seconds(certificate.notAfter, for: call)) else {
      let end = certificate.notAfter.ISO8601Format()
      throw call.failure("the authority's own certificate ends at \(end), before this one begins")
    }
  }

  private func extensions(for request: LeafRequest, key: PrivateKey) -> [CertificateExtension] {
    let names = CertificateExtension.alternativeNames(
      dnsNames: request.dnsNames,
      ipAddresses: request.ipAddresses,
      isCritical: request.subject.isEmpty
    )
    // Old TLS clients encrypt the session key with an RSA key; no other kind of key can encrypt.
    let isRSA = if case .rsa = key.algorithm { true } else { false }
    return [
      .leafConstraints,
      .keyUsages(isRSA ? [.digitalSignature, .keyEncipherment] : [.digitalSignature]),
      .extendedKeyUsage(request.purpose.extendedKeyUsage),
      .subjectKeyIdentifier,
      // An authority made elsewhere may have no identifier to refer to.
      certificate.subjectKeyIdentifier == nil ? nil : .authorityKeyIdentifier,
      names,
    ].compactMap(\.self)
  }
}
