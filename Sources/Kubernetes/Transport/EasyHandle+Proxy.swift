import CCurl

extension EasyHandle {
  /// Uses the request's proxy, and never one from the environment, which libcurl would use by default.
  func configureProxy(_ proxy: ProxyAddress?) throws {
    try set(CURLOPT_NOPROXY, "")
    try set(CURLOPT_PROXY, proxy?.url ?? "")
    // Suppresses the proxy's response to CONNECT, which is not the server's.
    try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    guard let proxy else { return }
    try set(CURLOPT_PROXYUSERNAME, proxy.user)
    try set(CURLOPT_PROXYPASSWORD, proxy.password)
  }
}
