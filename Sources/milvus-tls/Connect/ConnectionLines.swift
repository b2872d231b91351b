import JSON
import MilvusTLS

/// Code that connects with the files in a folder.
struct ConnectionLines: CustomStringConvertible {
  let service: ClientService
  /// Name to verify in the server's certificate.
  let serverName: String
  let folder: PrivateFolder
  /// Whether the server requires a client certificate.
  let needsIdentity: Bool
  /// Whether pymilvus supports the certificates' algorithm.
  let suitsPymilvus: Bool

  var description: String { "# Python\n\(python)\n\n# REST\n\(curl)\n" }

  private var python: String {
    guard suitsPymilvus else {
      return "# pymilvus does not support Ed25519: set another spec.certificate.privateKey.algorithm in the MilvusTLS."
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

  /// pymilvus has two parameters for the CA: one without a client certificate, another with it.
  private var pythonFiles: [(argument: String, file: String)] {
    guard needsIdentity else { return [("server_pem_path", SecretEntry.authorityCertificate)] }
    return [
      ("ca_pem_path", SecretEntry.authorityCertificate), ("client_pem_path", SecretEntry.clientCertificate),
      ("client_key_path", SecretEntry.clientKey),
    ]
  }

  private var curl: String {
    guard let port = service.restPort else {
      return "# Service \(service.host) has no REST port: set serviceRestfulPort in the Milvus resource."
    }
    var words = ["curl", "--cacert", folder.path(of: SecretEntry.authorityCertificate)]
    if needsIdentity {
      words += [
        "--cert", folder.path(of: SecretEntry.clientCertificate), "--key", folder.path(of: SecretEntry.clientKey),
      ]
    }
    if serverName != service.host { words += ["--connect-to", "\(serverName):\(port):\(service.host):\(port)"] }
    let server = "https://\(serverName):\(port)"
    // With a body, curl sends POST.
    words +=
      service.hasRESTVersion2
      ? ["\(server)/v2/vectordb/collections/list", "--json", "{}"] : ["\(server)/v1/vector/collections"]
    return words.map(shell).joined(separator: " ")
  }

  /// A JSON string is also a Python string.
  private func literal(_ text: String) -> String { JSONValue.string(text).description }

  private func shell(_ word: String) -> String {
    guard word.wholeMatch(of: /[-A-Za-z0-9_.\/:@%+=,]+/) == nil else { return word }
    return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
  }
}
