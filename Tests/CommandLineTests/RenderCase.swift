import Foundation
import Testing

/// A file of `Tests/Fixtures/Render` that is rendered, and what is recorded for it.
struct RenderCase: CustomTestStringConvertible, Sendable {
  let kind: String
  let name: String
  let flags: [String]

  init(_ kind: String, _ name: String, _ flags: String...) {
    (self.kind, self.name, self.flags) = (kind, name, flags)
  }

  var testDescription: String { "\(kind)/\(name)" }
  var arguments: [String] { ["render", kind, "-f", Self.path("\(kind)/\(name)")] + flags }

  /// Lines with an empty value, or of flow style, which cannot stay as they are.
  var changedLines: Int {
    ["plain.yaml": 2, "published.yaml": 2, "flow.yaml": 1, "commented.yaml": 1, "several.yaml": 1][name] ?? 0
  }

  func text() throws -> String { try Self.text("\(kind)/\(name)") }
  func expected() throws -> String { try Self.text("\(kind)/\(name).tls") }
  func record(_ text: String) throws { try Data(text.utf8).write(to: URL(filePath: Self.path("\(kind)/\(name).tls"))) }

  static func path(_ name: String) -> String {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return folder.appending(path: "Fixtures/Render/\(name)").path
  }

  static func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: path(name))), as: UTF8.self)
  }
}
