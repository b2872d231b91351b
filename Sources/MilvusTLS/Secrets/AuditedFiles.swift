/// The files of a server certificate that somebody provides, each with what is in its place.
struct AuditedFiles {
  struct File {
    /// For people: `tls.crt`, or `tls.crt of Secret x` where the files come from several objects.
    let name: String
    let entry: FileEntry
    /// Nil where the Secret or ConfigMap has no such entry.
    let content: SecretFile?
  }

  let files: [CertificateFile: File]

  init(files: [CertificateFile: File]) { self.files = files }

  /// The files in one Secret.
  init(of secret: ObservedSecret, _ layout: SecretLayout) {
    files = layout.mapValues { key in
      File(name: key, entry: .secret(secret.name, key: key), content: secret.files[key])
    }
  }

  /// Whether the CA is from another object than the certificate: as a rule it is the clients' own.
  var hasSeparateAuthority: Bool {
    guard let certificate = files[.certificate], let authority = files[.authority] else { return false }
    return certificate.entry.object != authority.entry.object
  }
}
