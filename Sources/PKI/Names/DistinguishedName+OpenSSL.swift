import COpenSSL

extension DistinguishedName {
  /// Reads an `X509_NAME`.
  init(_ name: OpaquePointer, for call: OpenSSLCall) throws {
    let attributes = try (0..<X509_NAME_entry_count(name)).map { index in
      let entry = try call.check(X509_NAME_get_entry(name, index))
      return Attribute(
        type: ObjectName.short(try call.check(X509_NAME_ENTRY_get_object(entry))),
        value: try Self.text(of: X509_NAME_ENTRY_get_data(entry), for: call)
      )
    }
    self.init(attributes: attributes)
  }

  /// Provides the name as an `X509_NAME`: the country as PrintableString, the rest as UTF8String.
  func withPointer<Result>(for call: OpenSSLCall, _ body: (OpaquePointer) throws -> Result) throws -> Result {
    let name = try call.check(X509_NAME_new())
    defer { X509_NAME_free(name) }
    for attribute in attributes {
      let value = Array(attribute.value.utf8)
      try call.check(X509_NAME_add_entry_by_txt(name, attribute.type, MBSTRING_UTF8, value, Int32(value.count), -1, 0))
    }
    return try body(name)
  }

  /// Whether a chain builder matches this name with the certificate's subject: letter case and repeated spaces are
  /// ignored (RFC 5280, 7.1).
  ///
  /// - Throws: ``PKIError`` with OpenSSL's reason.
  public func isSubject(of certificate: Certificate) throws -> Bool {
    let call = OpenSSLCall("compare distinguished names")
    return try withPointer(for: call) { name in
      certificate.handle.withPointer { X509_NAME_cmp(name, X509_get_subject_name($0)) == 0 }
    }
  }

  private static func text(of string: UnsafePointer<ASN1_STRING>?, for call: OpenSSLCall) throws -> String {
    var bytes: UnsafeMutablePointer<UInt8>?
    let count = ASN1_STRING_to_UTF8(&bytes, string)
    guard count >= 0, let bytes else { throw call.failure("a name contains a value that is not text") }
    defer { COpenSSL_free(bytes) }
    return String(decoding: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
  }
}
