import PKI

/// The files of a CA.
enum AuthorityFiles {
  /// - Parameter bundle: the CAs to be trusted.
  /// - Throws: `PKIError` with OpenSSL's reason.
  static func files(_ authority: CertificateAuthority, bundle: [Certificate]) throws -> [NewFile] {
    [
      NewFile(FileName.authorityKey, try authority.key.pem(), isPrivate: true),
      NewFile(FileName.authorityCertificate, bundle.map(\.pem).joined()),
    ]
  }
}
