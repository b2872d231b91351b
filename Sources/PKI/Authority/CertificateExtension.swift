import COpenSSL

/// One extension of a certificate to be signed, in the notation of x509v3_config(5).
struct CertificateExtension {
  /// OpenSSL's NID of the extension.
  let identifier: Int32
  let value: String

  static let authorityConstraints = CertificateExtension(
    identifier: NID_basic_constraints,
    value: "critical,CA:TRUE,pathlen:0"
  )
  static let leafConstraints = CertificateExtension(identifier: NID_basic_constraints, value: "critical,CA:FALSE")
  /// SHA-1 of the public key (RFC 5280, 4.2.1.2, method 1).
  ///
  /// It is an identifier and needs no collision resistance.
  static let subjectKeyIdentifier = CertificateExtension(identifier: NID_subject_key_identifier, value: "hash")
  static let authorityKeyIdentifier = CertificateExtension(
    identifier: NID_authority_key_identifier,
    value: "keyid:always"
  )

  static func keyUsages(_ usages: [KeyUsage]) -> CertificateExtension {
    CertificateExtension(
      identifier: NID_key_usage,
      value: (["critical"] + usages.map(\.rawValue)).joined(separator: ",")
    )
  }

  static func extendedKeyUsage(_ usage: ExtendedKeyUsage) -> CertificateExtension {
    CertificateExtension(identifier: NID_ext_key_usage, value: usage.rawValue)
  }

  /// The names of a ``LeafRequest``, which contain no commas or colons; nil if there are none.
  static func alternativeNames(dnsNames: [String], ipAddresses: [String], isCritical: Bool) -> CertificateExtension? {
    let names = dnsNames.map { "DNS:\($0)" } + ipAddresses.map { "IP:\($0)" }
    guard !names.isEmpty else { return nil }
    return CertificateExtension(
      identifier: NID_subject_alt_name,
      value: ((isCritical ? ["critical"] : []) + names).joined(separator: ",")
    )
  }

  /// The extension in OpenSSL's form, which the caller frees.
  /// - Parameter configure: sets the certificates or the request that its value refers to.
  func encoded(for call: OpenSSLCall, _ configure: (inout X509V3_CTX) -> Void) throws -> OpaquePointer {
    var context = X509V3_CTX()
    configure(&context)
    return try call.check(X509V3_EXT_conf_nid(nil, &context, identifier, value))
  }
}
