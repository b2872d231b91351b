import COpenSSL
import Foundation

/// Verifies a certificate chain as a TLS peer does (RFC 5280, 6; RFC 9525).
public enum ChainVerifier {
  /// Builds a chain from the leaf to a trusted certificate and checks signatures, times, constraints, purpose and name.
  ///
  /// Every certificate in `authorities` is trusted, self-signed or not, as in the certificate pools of Go and so of
  /// Milvus. The common name is never used as a host name, and a wildcard matches one whole label.
  ///
  /// - Parameters:
  ///   - leaf: the peer's certificate.
  ///   - intermediates: further certificates from the peer; not trusted.
  ///   - authorities: trusted CA certificates.
  ///   - purpose: the peer's side of the connection.
  ///   - name: DNS name or IP address at which the peer was reached; nil to check no name.
  ///   - date: time of the verification, truncated to the second. OpenSSL rejects a certificate from its `notAfter` on,
  ///     not one second later.
  /// - Throws: ``PKIError`` that names the certificate, its depth (0 is the leaf) and OpenSSL's reason.
  public static func verify(
    leaf: Certificate,
    intermediates: [Certificate] = [],
    authorities: [Certificate],
    purpose: Purpose,
    name: String? = nil,
    at date: Date
  ) throws {
    let fault = try fault(
      leaf: leaf,
      intermediates: intermediates,
      authorities: authorities,
      purpose: purpose,
      name: name,
      at: date
    )
    if let fault { throw fault.error }
  }

  /// The first fault of a chain, for callers that handle kinds of fault differently; nil for a valid chain.
  ///
  /// The parameters are those of ``verify(leaf:intermediates:authorities:purpose:name:at:)``.
  ///
  /// - Throws: ``PKIError`` if the verification cannot be done: no CA, an invalid name, a date out of range.
  public static func fault(
    leaf: Certificate,
    intermediates: [Certificate] = [],
    authorities: [Certificate],
    purpose: Purpose,
    name: String? = nil,
    at date: Date
  ) throws -> ChainFault? {
    let call = OpenSSLCall("verify the \(purpose) certificate \(leaf.subject.label)")
    guard !authorities.isEmpty else { throw call.failure("no trusted CA is given") }
    defer { ERR_clear_error() }
    let store = try call.check(X509_STORE_new())
    defer { X509_STORE_free(store) }
    for authority in authorities {
      try authority.handle.withPointer { try call.check(X509_STORE_add_cert(store, $0)) }
    }
    let context = try call.check(X509_STORE_CTX_new())
    defer { X509_STORE_CTX_free(context) }
    return try CertificateStack.withStack(of: intermediates, for: call) { untrusted in
      try leaf.handle.withPointer { leafPointer in
        try call.check(X509_STORE_CTX_init(context, store, leafPointer, untrusted))
        try call.check(X509_STORE_CTX_set_purpose(context, purpose.openSSLPurpose))
        try configure(try call.check(X509_STORE_CTX_get0_param(context)), name: name, date: date, call: call)
        guard X509_verify_cert(context) != 1 else { return nil }
        return fault(of: context, leaf: leaf, name: name, call: call)
      }
    }
  }

  private static func configure(_ parameters: OpaquePointer, name: String?, date: Date, call: OpenSSLCall) throws {
    X509_VERIFY_PARAM_set_time(parameters, try EncodedTime.seconds(date, for: call))
    try call.check(X509_VERIFY_PARAM_set_flags(parameters, UInt(X509_V_FLAG_PARTIAL_CHAIN)))
    guard let name else { return }
    if let address = IPAddress(name) {
      try call.check(X509_VERIFY_PARAM_set1_ip(parameters, address.octets, address.octets.count))
      return
    }
    // OpenSSL treats an empty name as no check at all, and a leading dot as any subdomain.
    if let objection = DNSName.objection(to: name, allowingWildcard: false) {
      throw call.failure("\(name.debugDescription) is not a DNS name or IP address: \(objection)")
    }
    X509_VERIFY_PARAM_set_hostflags(
      parameters,
      UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT)
    )
    try call.check(X509_VERIFY_PARAM_set1_host(parameters, name, name.utf8.count))
  }

  private static func fault(of context: OpaquePointer, leaf: Certificate, name: String?, call: OpenSSLCall)
    -> ChainFault
  {
    let code = X509_STORE_CTX_get_error(context)
    let depth = X509_STORE_CTX_get_error_depth(context)
    let text = X509_verify_cert_error_string(Int(code)).map { String(cString: $0) } ?? "error \(code)"
    let culprit = X509_STORE_CTX_get_current_cert(context)
      .flatMap(X509_get_subject_name)
      .flatMap { try? DistinguishedName($0, for: call) }
    let place = "at depth \(depth)" + (culprit.map { " (\($0.label))" } ?? "")
    return ChainFault(
      kind: ChainFault.Kind(code),
      error: call.failure("\(text) \(place)\(detail(of: code, leaf: leaf, name: name))")
    )
  }

  /// For a wrong name: the names that the certificate is valid for.
  private static func detail(of code: Int32, leaf: Certificate, name: String?) -> String {
    guard let name, code == X509_V_ERR_HOSTNAME_MISMATCH || code == X509_V_ERR_IP_ADDRESS_MISMATCH else { return "" }
    let names = leaf.dnsNames + leaf.ipAddresses
    guard !names.isEmpty else { return ": the certificate has no names, and \"\(name)\" is required" }
    return ": \"\(name)\" is not among \(names.joined(separator: ", "))"
  }
}
