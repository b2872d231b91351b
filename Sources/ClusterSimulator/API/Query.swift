import Foundation

/// The parameters of a request.
struct Query: Sendable {
  private let values: [String: String]

  /// - Parameter text: The percent-encoded query; a plus is a space, as Go's clients write it.
  init(_ text: String) {
    values = text.split(separator: "&").reduce(into: [:]) { values, item in
      let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(Self.decoded)
      values[pair[0]] = pair.count > 1 ? pair[1] : ""
    }
  }

  private static func decoded(_ text: Substring) -> String {
    let spaced = text.replacing("+", with: " ")
    return spaced.removingPercentEncoding ?? String(spaced)
  }

  /// The value of a parameter; nil where it is missing or empty.
  subscript(name: String) -> String? {
    values[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Whether a parameter is switched on.
  func flag(_ name: String) -> Bool {
    ["1", "true", "True", "TRUE"].contains(values[name] ?? "")
  }

  /// A whole number.
  /// - Throws: `ServerStatus` where it is something else.
  func integer(_ name: String) throws -> Int? {
    guard let text = self[name] else { return nil }
    guard let value = Int(text) else {
      throw ServerStatus.badRequest("\(name): Invalid value: \"\(text)\": must be a number")
    }
    return value
  }

  /// The resourceVersion to start from; nil where none is given.
  /// - Throws: `ServerStatus` where it is not a number; the real server has no reason for it, and code 500.
  func resourceVersion() throws -> Int? {
    guard let text = self["resourceVersion"] else { return nil }
    guard let value = Int(text), value >= 0 else {
      throw ServerStatus(
        code: 500,
        reason: nil,
        message: "resourceVersion: Invalid value: \"\(text)\": strconv.ParseUint: parsing \"\(text)\": invalid syntax"
      )
    }
    return value
  }
}
