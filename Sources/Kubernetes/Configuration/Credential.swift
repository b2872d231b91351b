/// Who requests are from, beside a client certificate; asked for each request.
enum Credential: Sendable {
  case none
  case token(String)
  case tokenFile(WatchedFile)
  case exec(ExecCredentialSource)

  /// The value of the `Authorization` field; nil for none, and where a plugin has to be asked.
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
    // Anything else could end the header field and begin another.
    guard token[...end].utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw KubernetesError.configuration("\(source): a token must be one line of visible ASCII characters")
    }
    return "Bearer \(token[...end])"
  }
}
