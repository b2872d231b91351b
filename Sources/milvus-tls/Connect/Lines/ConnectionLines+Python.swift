extension ConnectionLines {
  /// For pymilvus. It has two parameters for the CA: `server_pem_path` without a client certificate, `ca_pem_path` with
  /// one. The other is ignored (https://github.com/milvus-io/pymilvus/issues/2785).
  var python: String {
    let files =
      needsIdentity
      ? [("ca_pem_path", authority), ("client_pem_path", certificate), ("client_key_path", privateKey)]
      : [("server_pem_path", authority)]
    let arguments =
      [("uri", Self.literal(url)), ("secure", "True"), ("server_name", Self.literal(serverName))] + files
    return """
      from pymilvus import MilvusClient

      client = MilvusClient(
      \(arguments.map { "    \($0.0)=\($0.1),\n" }.joined()))

      """
  }
}
