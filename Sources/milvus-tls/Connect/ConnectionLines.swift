import JSON
import MilvusTLS

/// The lines that connect with the files in a folder.
struct ConnectionLines: CustomStringConvertible {
  let service: ClientService
  /// The name to expect in the server's certificate.
  let serverName: String
  let folder: PrivateFolder
  /// Whether the server asks for a client certificate.
  let needsIdentity: Bool
  /// Whether pymilvus can take the certificates.
  let suitsPymilvus: Bool

  var description: String { "# Python\n\(python)\n\n# REST\n\(curl)\n" }

  private var python: String {
    guard suitsPymilvus else {
      return "# pymilvus takes no Ed25519: set another algorithm in spec.certificate.privateKey of the MilvusTLS."
    }
    let arguments =
      [
        ("uri", literal("https://\(service.host):\(service.port)")), ("secure", "True"),
        ("server_name", literal(serverName)),
      ] + pythonFiles.map { ($0.argument, literal(folder.path(of: $0.file))) }
    return """
      from pymilvus import MilvusClient

      client = MilvusClient(
      \(arguments.map { "    \($0.0)=\($0.1),\n" }.joined()))
      """
  }

  /// pymilvus takes the authority under one name without a client certificate, and under another with it.
  private var pythonFiles: [(argument: String, file: String)] {
    guard needsIdentity else { return [("server_pem_path", SecretEntry.authorityCertificate)] }
    return [
      ("ca_pem_path", SecretEntry.authorityCertificate), ("client_pem_path", SecretEntry.clientCertificate),
      ("client_key_path", SecretEntry.clientKey),
    ]
  }

  private var curl: String {
    guard let port = service.restPort else {
      return "# The Service \(service.host) has no port for it: set serviceRestfulPort in the Milvus resource."
    }
    var words = ["curl", "--cacert", folder.path(of: SecretEntry.authorityCertificate)]
    if needsIdentity {
      words += [
        "--cert", folder.path(of: SecretEntry.clientCertificate), "--key", folder.path(of: SecretEntry.clientKey),
      ]
    }
    if serverName != service.host { words += ["--connect-to", "\(serverName):\(port):\(service.host):\(port)"] }
    words.append("https://\(serverName):\(port)/v1/vector/collections")
    return words.map(shell).joined(separator: " ")
  }

  /// A JSON string is a Python string too.
  private func literal(_ text: String) -> String { JSONValue.string(text).description }

  private func shell(_ word: String) -> String {
    guard word.wholeMatch(of: /[-A-Za-z0-9_.\/:@%+=,]+/) == nil else { return word }
    return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
  }
}
