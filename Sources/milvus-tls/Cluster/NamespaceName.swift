import ArgumentParser

/// Name of a namespace as an argument.
struct NamespaceName: ExpressibleByArgument {
  let text: String

  /// Accepts any text; `validate()` reports what is wrong with it.
  init(argument: String) {
    text = argument
  }

  /// - Throws: `ValidationError` unless the text is a DNS label (RFC 1123), as names of namespaces are.
  func validate() throws {
    guard text.wholeMatch(of: /[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/) == nil else { return }
    throw ValidationError(
      "--namespace \(text.debugDescription): must be 1 to 63 characters of a-z, 0-9 and -, and must not start or end with -"
    )
  }
}
