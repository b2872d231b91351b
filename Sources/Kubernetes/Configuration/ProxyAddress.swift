import Foundation

/// A proxy URL in its parts. No description contains the credentials.
struct ProxyAddress: Sendable, Equatable {
  /// `http://`, `https://` or `socks5h://` with host and port only.
  let url: String
  let user: String?
  let password: String?

  /// Parses a URL; nil unless it is `http`, `https`, `socks5` or `socks5h` with a host and at most credentials and a
  /// port.
  init?(_ text: String) {
    guard let components = URLComponents(string: text), let scheme = components.scheme?.lowercased(),
      let defaultPort = Self.ports[scheme], let host = components.encodedHost, !host.isEmpty,
      ["", "/"].contains(components.percentEncodedPath), components.query == nil, components.fragment == nil
    else { return nil }
    let port = components.port ?? defaultPort
    guard (1...65535).contains(port) else { return nil }
    // As in Go, a SOCKS proxy resolves names: it may know names that this machine does not.
    url = "\(scheme == "socks5" ? "socks5h" : scheme)://\(host):\(port)"
    user = components.user
    password = components.password
  }

  private static let ports = ["http": 80, "https": 443, "socks5": 1080, "socks5h": 1080]
}
