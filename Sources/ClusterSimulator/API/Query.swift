import Foundation

/// The parameters of a request.
struct Query: Sendable {
  private let values: [String: String]

  /// - Parameter text: the percent-encoded query; a plus is a space, as written by Go clients.
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

  /// The value of a parameter; nil if missing or empty.
  subscript(name: String) -> String? {
    values[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Whether a parameter is true.
  func flag(_ name: String) -> Bool {
    ["1", "true", "True", "TRUE"].contains(values[name] ?? "")
  }

  /// An integer.
  /// - Throws: `ServerStatus` for any other value.
  func integer(_ name: String) throws -> Int? {
    guard let text = self[name] else { return nil }
    guard let value = Int(text) else {
      throw ServerStatus.badRequest("\(name): Invalid value: \"\(text)\": must be a number")
    }
    return value
  }

  /// The resourceVersion to start from; nil if there is none.
  /// - Throws: `ServerStatus` if it is not a number; like the real server, without a reason and with code 500.
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
