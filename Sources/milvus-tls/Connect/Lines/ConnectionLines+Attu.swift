extension ConnectionLines {
  /// For Attu in a container. Attu reads the files at the paths in its variables up to 2.5; later versions read files of
  /// these names in `/certs` if `MILVUS_SSL` is true (https://github.com/zilliztech/attu).
  var attu: String {
    let identity = [
      ("CERT_CHAIN_PATH", "/certs/\(names.certificate)"), ("PRIVATE_KEY_PATH", "/certs/\(names.privateKey)"),
    ]
    let variables =
      [
        ("MILVUS_URL", "\(service.host):\(service.port)"), ("MILVUS_SSL", "true"), ("SERVER_NAME", serverName),
        ("ROOT_CERT_PATH", "/certs/\(names.authority)"),
      ] + (needsIdentity ? identity : [])
    return Self.shell(
      ["docker", "run", "--publish", "8000:3000", "--volume", "\(folder.url.path):/certs:ro"]
        + variables.flatMap { ["--env", "\($0.0)=\($0.1)"] } + ["zilliz/attu"]
    )
  }
}
