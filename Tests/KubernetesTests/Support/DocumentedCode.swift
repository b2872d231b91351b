import Foundation

/// The Swift examples of a page in docs/.
enum DocumentedCode {
  /// Each block's lines, without indentation.
  static func blocks(of page: String, from file: String = #filePath) throws -> [[String]] {
    let root = URL(fileURLWithPath: file).deletingLastPathComponent().appending(path: "../../..").standardized
    let text = try String(contentsOf: root.appending(path: "docs/\(page)"), encoding: .utf8)
    return text.components(separatedBy: "```swift\n").dropFirst().map { part in
      lines(of: part.components(separatedBy: "```")[0])
    }
  }

  static func lines(of text: String) -> [String] {
    text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }
}
