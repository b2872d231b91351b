import ArgumentParser

/// The name of a namespace as an argument.
struct NamespaceName: ExpressibleByArgument {
  let text: String

  /// Takes any text: `validate()` says what is wrong with it.
  init(argument: String) {
    text = argument
  }

  /// - Throws: `ValidationError` for what is no DNS label (RFC 1123), as the names of namespaces are.
  func validate() throws {
    guard text.wholeMatch(of: /[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/) == nil else { return }
    throw ValidationError(
      "--namespace \(text.debugDescription): must be up to 63 of a-z, 0-9 and -, with - neither first nor last"
    )
  }
}
