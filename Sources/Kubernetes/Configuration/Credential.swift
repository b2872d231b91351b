/// How requests authenticate, apart from a client certificate. Evaluated for each request.
enum Credential: Sendable {
  case none
  case token(String)
  case tokenFile(WatchedFile)
  case exec(ExecCredentialSource)

  /// Value of the `Authorization` header; nil for none, and for an exec plugin.
  func authorization() throws -> String? {
    switch self {
    case .none, .exec: nil
    case .token(let token): try Self.bearer(token, from: "token")
    case .tokenFile(let file): try Self.bearer(String(decoding: try file.bytes(), as: UTF8.self), from: file.path)
    }
  }

  static func bearer(_ text: String, from source: String) throws -> String {
    let token = text.drop(while: \.isWhitespace)
    guard let end = token.lastIndex(where: { !$0.isWhitespace }) else {
      throw KubernetesError.configuration("\(source): the token is empty")
    }
    // Any other character could end the header field and start another.
    guard token[...end].utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw KubernetesError.configuration("\(source): the token must be one line of visible ASCII characters")
    }
    return "Bearer \(token[...end])"
  }
}
