extension ConnectionLines {
  /// For milvus-sdk-java. As pymilvus it has two parameters for the CA; with `caPemPath` alone it connects without TLS
  /// (https://github.com/milvus-io/milvus-sdk-java, `io.milvus.v2.utils.ClientUtils.getChannel`).
  var java: String {
    let files =
      needsIdentity
      ? [("caPemPath", authority), ("clientPemPath", certificate), ("clientKeyPath", privateKey)]
      : [("serverPemPath", authority)]
    let calls = [("uri", Self.literal(url)), ("secure", "true"), ("serverName", Self.literal(serverName))] + files
    return """
      import io.milvus.v2.client.ConnectConfig;
      import io.milvus.v2.client.MilvusClientV2;

      MilvusClientV2 client = new MilvusClientV2(
          ConnectConfig.builder()
      \(calls.map { "        .\($0.0)(\($0.1))\n" }.joined())        .build());

      """
  }
}
