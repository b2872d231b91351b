import CBuild
import Kubernetes
import Operator
import PKI
import YAML

/// What `milvus-tls --version` prints.
enum BuildDescription {
  /// The version in the first word of the first line, then what a report of a fault needs.
  static var text: String {
    let commit = String(cString: milvus_tls_commit)
    return """
      \(Version.current)
      commit: \(commit.isEmpty ? "unknown" : commit)
      libcurl: \(CurlVersion.text)
      OpenSSL: \(OpenSSLVersion.text)
      libyaml: \(LibYAMLVersion.text)
      """
  }
}
