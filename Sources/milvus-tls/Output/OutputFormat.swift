import ArgumentParser
import JSON
import YAML

/// Output format of a command.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
  /// For people.
  case table
  case json, yaml

  /// Formats a document.
  /// - Parameter table: the text for format `table`.
  /// - Returns: text that ends in a line break.
  func text(_ document: JSONValue, table: @autoclosure () -> String) throws -> String {
    switch self {
    case .table: table()
    case .json: String(decoding: document.serialized(pretty: true), as: UTF8.self) + "\n"
    case .yaml: try YAML.serialize(document)
    }
  }

  /// Separates two documents in one output.
  var separator: String {
    switch self {
    case .table: "\n"
    case .json: ""
    case .yaml: "---\n"
    }
  }
}
