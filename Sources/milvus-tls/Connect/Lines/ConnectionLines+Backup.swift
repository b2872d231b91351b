extension ConnectionLines {
  /// A section of milvus-backup's `backup.yaml` (https://github.com/zilliztech/milvus-backup, `configs/backup.yaml`).
  var backup: String {
    let fields =
      [
        ("address", Self.literal(service.host)), ("port", "\(service.port)"), ("tlsMode", needsIdentity ? "2" : "1"),
        ("serverName", Self.literal(serverName)), ("caCertPath", authority),
      ] + (needsIdentity ? [("mtlsCertPath", certificate), ("mtlsKeyPath", privateKey)] : [])
    return "milvus:\n" + fields.map { "  \($0.0): \($0.1)\n" }.joined()
  }
}
