/// What is known of cert-manager in the cluster.
public enum CertManagerState: Sendable, Equatable {
  /// It is not known yet whether it is installed.
  case unknown
  case notInstalled
  /// With the Certificates of the namespace that the operator applied, by name.
  case installed([String: CertManagerCertificate])
}
