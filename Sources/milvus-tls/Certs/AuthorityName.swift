import PKI

/// The subject of a CA.
enum AuthorityName {
  private static let mark = " authority"

  /// A subject that no other CA has: some chain builders confuse two of the same name.
  /// - Parameters:
  ///   - old: of the CA that is replaced; nil for none.
  ///   - server: common name of the server certificate.
  ///   - others: the CAs that stay trusted.
  /// - Throws: `PKIError` that names the attribute.
  static func subject(
    replacing old: DistinguishedName?,
    server: String,
    _ options: SubjectOptions,
    avoiding others: [Certificate]
  ) throws -> DistinguishedName {
    var version = 1
    while true {
      let suffix = mark + (version > 1 ? " v\(version)" : "")
      // A common name has 64 characters at most (RFC 5280, appendix A.1).
      let name = String(server.unicodeScalars.prefix(64 - suffix.count)) + suffix
      let subject = try options.subject(replacing: old, commonName: name)
      if try !others.contains(where: { try subject.isSubject(of: $0) }) { return subject }
      version += 1
    }
  }
}
