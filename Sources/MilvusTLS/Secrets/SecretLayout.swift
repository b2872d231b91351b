/// The entries of a Secret that hold the files; a file that it does not hold is missing.
public typealias SecretLayout = [CertificateFile: String]

extension SecretLayout {
  /// The entries of the operator's own Secrets.
  public static let own = SecretLayout(uniqueKeysWithValues: CertificateFile.allCases.map { ($0, $0.defaultName) })
}
