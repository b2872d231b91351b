import Foundation

/// An API server's URL in its parts.
struct ServerAddress: Sendable, Equatable {
  let scheme: String
  /// As in a URL: IPv6 addresses in brackets.
  let host: String
  let port: Int
  /// Prefix of each request's path, without a trailing slash.
  let path: String

  /// Parses a URL; nil unless it is `http` or `https` with a host and at most a port and a path.
  init?(_ text: String) {
    guard let components = URLComponents(string: text), let scheme = components.scheme?.lowercased(),
      scheme == "http" || scheme == "https", let host = components.encodedHost, !host.isEmpty,
      components.user == nil, components.password == nil, components.query == nil, components.fragment == nil
    else { return nil }
    let port = components.port ?? (scheme == "https" ? 443 : 80)
    guard (1...65535).contains(port) else { return nil }
    self.scheme = scheme
    self.host = host
    self.port = port
    var path = components.percentEncodedPath[...]
    while path.hasSuffix("/") { path.removeLast() }
    self.path = String(path)
  }

  /// Host and port, as in a URL.
  var authority: String { "\(host):\(port)" }
}
