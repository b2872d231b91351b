import Foundation

/// HTML or SVG text. Interpolated strings are escaped, so that no text from a cluster becomes markup.
struct HTML: ExpressibleByStringInterpolation, Equatable {
  private(set) var text: String

  init(stringLiteral text: String) { self.text = text }

  init(stringInterpolation interpolation: StringInterpolation) { text = interpolation.text }

  static func + (first: HTML, second: HTML) -> HTML { "\(first)\(second)" }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity * 2) }

    mutating func appendLiteral(_ literal: String) { text += literal }
    mutating func appendInterpolation(_ markup: HTML) { text += markup.text }
    mutating func appendInterpolation(_ parts: [HTML]) { for part in parts { text += part.text } }
    mutating func appendInterpolation(_ number: Int) { text += "\(number)" }
    /// A coordinate, in tenths.
    mutating func appendInterpolation(_ coordinate: Double) { text += "\((coordinate * 10).rounded() / 10)" }
    mutating func appendInterpolation(_ text: String) { self.text += HTML.escaped(text) }
    mutating func appendInterpolation(_ date: Date) {
      text += "<time>\(date.kubernetesTime)</time>"
    }
  }

  /// Replaces the characters of markup, and those that a page must not have or that change the direction of the text
  /// around them.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}", "\u{200E}", "\u{200F}", "\u{061C}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar.properties.generalCategory == .control ? " " : scalar)
      }
    }
    return result
  }
}

extension String {
  /// The text cut to a number of characters.
  func cut(to length: Int) -> String { count > length ? prefix(length - 1) + "…" : self }

  /// The text without its middle: names of releases often differ in their ends.
  func cutInTheMiddle(to length: Int) -> String {
    count > length ? prefix(length / 2) + "…" + suffix(length - length / 2 - 1) : self
  }
}
