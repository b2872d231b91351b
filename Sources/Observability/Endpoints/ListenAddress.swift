import FlyingSocks
import Glibc

/// Listen address in the notation of Go and controller-runtime's flags: `:8080`, `127.0.0.1:8080`, `[::1]:8080`.
public struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
  public enum Host: Sendable, Equatable {
    /// All addresses of the machine.
    case any
    case ip4(String)
    case ip6(String)
  }

  public let host: Host
  /// 0 for any free port.
  public let port: UInt16

  public init(host: Host, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// - Throws: `ListenAddress.Malformed`.
  public init(parsing text: String) throws {
    guard let colon = text.lastIndex(of: ":"), let port = Self.port(text[text.index(after: colon)...]),
      let host = Self.host(text[..<colon])
    else { throw Malformed() }
    self.init(host: host, port: port)
  }

  /// The text is not a listen address.
  public struct Malformed: Error, CustomStringConvertible {
    public var description: String { "must be :PORT, IPV4:PORT or [IPV6]:PORT with a port up to 65535, or 0" }
  }

  private static func port(_ text: Substring) -> UInt16? {
    text.allSatisfy(\.isASCIIDigit) ? UInt16(text) : nil
  }

  private static func host(_ text: Substring) -> Host? {
    if text.isEmpty { return .any }
    if text.hasPrefix("["), text.hasSuffix("]") {
      let address = String(text.dropFirst().dropLast())
      return (try? sockaddr_in6.inet6(ip6: address, port: 0)).map { _ in .ip6(address) }
    }
    return (try? sockaddr_in.inet(ip4: String(text), port: 0)).map { _ in .ip4(String(text)) }
  }

  public var description: String {
    switch host {
    case .any: ":\(port)"
    case .ip4(let address): "\(address):\(port)"
    case .ip6(let address): "[\(address)]:\(port)"
    }
  }

  /// The socket addresses to try, in order: a kernel without IPv6 has no dual-stack socket.
  func socketAddresses() throws -> [any SocketAddress] {
    switch host {
    case .any: [sockaddr_in6.inet6(port: port), sockaddr_in.inet(port: port)]
    case .ip4(let address): [try sockaddr_in.inet(ip4: address, port: port)]
    case .ip6(let address): [try sockaddr_in6.inet6(ip6: address, port: port)]
    }
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
