extension ConnectionLines {
  /// For REST; empty where the Service has no port for it.
  var curl: String {
    guard let port = service.restPort else { return "" }
    var words = ["curl", "--cacert", folder.path(of: names.authority)]
    if needsIdentity {
      words += ["--cert", folder.path(of: names.certificate), "--key", folder.path(of: names.privateKey)]
    }
    if serverName != service.host { words += ["--connect-to", "\(serverName):\(port):\(service.host):\(port)"] }
    let server = "https://\(serverName):\(port)"
    // With a body, curl sends POST.
    words +=
      service.hasRESTVersion2
      ? ["\(server)/v2/vectordb/collections/list", "--json", "{}"] : ["\(server)/v1/vector/collections"]
    return Self.shell(words)
  }
}
