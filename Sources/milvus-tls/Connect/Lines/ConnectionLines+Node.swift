extension ConnectionLines {
  /// For the Node.js client.
  var node: String {
    let files =
      [("rootCertPath", authority)]
      + (needsIdentity ? [("certChainPath", certificate), ("privateKeyPath", privateKey)] : [])
    let fields = files + [("serverName", Self.literal(serverName))]
    return """
      import { MilvusClient } from "@zilliz/milvus2-sdk-node";

      const client = new MilvusClient({
        address: \(Self.literal(url)),
        tls: {
      \(fields.map { "    \($0.0): \($0.1),\n" }.joined())  },
      });

      """
  }
}
