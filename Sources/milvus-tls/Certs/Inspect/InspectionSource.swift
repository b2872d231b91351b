import ArgumentParser
import Foundation

/// Where certificates to inspect are, as an argument.
enum InspectionSource: Equatable {
  case standardInput
  case file(String)
  case secret(String)
  case server(host: String, port: UInt16)

  /// - Throws: `ValidationError` for a Secret or a port that cannot exist.
  init(argument: String) throws {
    if argument == "-" {
      self = .standardInput
    } else if argument.hasPrefix("secret/") {
      let name = String(argument.dropFirst("secret/".count))
      // DNS subdomain (RFC 1123), as names of Secrets are.
      guard name.count <= 253, name.wholeMatch(of: /[a-z0-9]([-a-z0-9.]*[a-z0-9])?/) != nil else {
        throw ValidationError("\(argument.debugDescription): must be secret/NAME, for example secret/certs")
      }
      self = .secret(name)
    } else if let (host, port) = Self.server(argument), !FileManager.default.fileExists(atPath: argument) {
      guard let number = UInt16(port), number > 0 else {
        throw ValidationError("\(argument.debugDescription): the port must be from 1 to 65535")
      }
      self = .server(host: host, port: number)
    } else {
      guard !argument.isEmpty else { throw ValidationError("the source must be FILE, -, secret/NAME or HOST:PORT") }
      self = .file(argument)
    }
  }

  private static func server(_ text: String) -> (host: String, port: Substring)? {
    if let match = text.wholeMatch(of: /\[([0-9A-Fa-f:.]+)\]:([0-9]+)/) { return (String(match.1), match.2) }
    guard let match = text.wholeMatch(of: /([^:\/\[\]\s]+):([0-9]+)/) else { return nil }
    return (String(match.1), match.2)
  }
}
