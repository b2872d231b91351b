import COpenSSL

extension LeafRequest {
  /// The extensions that both a certificate and a signing request for it have.
  func extensions(for key: PrivateKey) -> [CertificateExtension] {
    let names = CertificateExtension.alternativeNames(
      dnsNames: dnsNames,
      ipAddresses: ipAddresses,
      isCritical: subject.isEmpty
    )
    // Old TLS clients encrypt the session key with the server's RSA key; other key types cannot encrypt.
    let isRSA = if case .rsa = key.algorithm { true } else { false }
    return [
      .leafConstraints,
      .keyUsages(isRSA ? [.digitalSignature, .keyEncipherment] : [.digitalSignature]),
      .extendedKeyUsage(purpose.extendedKeyUsage),
      names,
    ].compactMap(\.self)
  }

  /// The request as PKCS#10 (RFC 2986) in PEM, `-----BEGIN CERTIFICATE REQUEST-----`, signed with the subject's key.
  ///
  /// - Throws: ``PKIError`` with OpenSSL's reason.
  public func signingRequest(key: PrivateKey) throws -> String {
    let call = OpenSSLCall("create a signing request for \(subject.label)")
    let request = try call.check(X509_REQ_new())
    defer { X509_REQ_free(request) }
    try call.check(X509_REQ_set_version(request, Int(X509_REQ_VERSION_1)))
    try subject.withPointer(for: call) { try call.check(X509_REQ_set_subject_name(request, $0)) }
    let list = try call.check(COpenSSL_extensionsNew())
    defer { COpenSSL_extensionsFree(list) }
    for item in extensions(for: key) {
      let encoded = try item.encoded(for: call) { X509V3_set_ctx(&$0, nil, nil, request, nil, 0) }
      guard COpenSSL_extensionsPush(list, encoded) > 0 else {
        X509_EXTENSION_free(encoded)
        throw call.failure()
      }
    }
    try call.check(X509_REQ_add_extensions(request, list))
    try key.handle.withPointer {
      try call.check(X509_REQ_set_pubkey(request, $0))
      try call.check(X509_REQ_sign(request, $0, CertificateTemplate.digest(for: key.algorithm)))
    }
    return try MemoryBIO.write(for: call) { try call.check(PEM_write_bio_X509_REQ($0, request)) }
  }
}
