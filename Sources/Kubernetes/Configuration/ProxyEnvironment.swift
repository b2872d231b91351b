import Foundation

/// The proxy for a server from the environment, by Go's rules, so that kubectl and this client use the same route.
///
/// https://pkg.go.dev/golang.org/x/net/http/httpproxy
struct ProxyEnvironment {
  let environment: [String: String]

  /// The proxy for a server; nil to connect directly.
  /// - Throws: `KubernetesError.configuration` that names the variable but not its value, which may contain a password.
  func proxy(for server: ServerAddress) throws -> ProxyAddress? {
    let names = server.scheme == "https" ? ["HTTPS_PROXY", "https_proxy"] : ["HTTP_PROXY", "http_proxy"]
    guard let (name, value) = first(of: names), !isExempt(server) else { return nil }
    guard let proxy = ProxyAddress(value) ?? ProxyAddress("http://" + value) else {
      throw KubernetesError.configuration("environment: \(name): \(ProxyAddress.allowed)")
    }
    return proxy
  }

  private func first(of names: [String]) -> (name: String, value: String)? {
    for name in names {
      if let value = environment[name], !value.isEmpty { return (name, value) }
    }
    return nil
  }

  private func isExempt(_ server: ServerAddress) -> Bool {
    let host = server.host.trimmingCharacters(in: ["[", "]"]).lowercased()
    let address = NetworkAddress(host)
    if host == "localhost" || address?.isLoopback == true { return true }
    let entries = first(of: ["NO_PROXY", "no_proxy"])?.value.split(separator: ",") ?? []
    return entries.contains { entry in
      let entry = entry.trimmingCharacters(in: .whitespaces).lowercased()
      return entry == "*" || Self.covers(entry, host: host, address: address, port: server.port)
    }
  }

  /// Whether one element of NO_PROXY matches a host. An element is an address, a range such as `10.0.0.0/8`, a domain
  /// that includes its subdomains, or, with a leading `.` or `*.`, only the subdomains. An address or domain may have a
  /// port.
  private static func covers(_ entry: String, host: String, address: NetworkAddress?, port: Int) -> Bool {
    if let range = NetworkRange(entry) { return address.map(range.contains) ?? false }
    let (name, entryPort) = split(entry)
    if let entryPort, entryPort != port { return false }
    if let other = NetworkAddress(name) { return other == address }
    var domain = name[...]
    if domain.hasPrefix("*.") { domain = domain.dropFirst() }
    guard !domain.isEmpty else { return false }
    if domain.hasPrefix(".") { return host.hasSuffix(domain) }
    return host == domain || host.hasSuffix(".\(domain)")
  }

  private static func split(_ entry: String) -> (name: String, port: Int?) {
    if NetworkAddress(entry) != nil { return (entry, nil) }
    guard let colon = entry.lastIndex(of: ":"), let port = Int(entry[entry.index(after: colon)...]) else {
      return (entry.trimmingCharacters(in: ["[", "]"]), nil)
    }
    return (entry[..<colon].trimmingCharacters(in: ["[", "]"]), port)
  }
}

extension ProxyAddress {
  static let allowed =
    "must be http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT, optionally with USER:PASSWORD@ before the host"
}
