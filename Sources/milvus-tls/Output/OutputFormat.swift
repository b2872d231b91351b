import ArgumentParser
import JSON
import YAML

/// How a command prints what it found.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
  /// For people.
  case table
  case json, yaml

  /// - Parameter table: what people get.
  /// - Returns: a text that ends in a line break.
  func text(_ document: JSONValue, table: @autoclosure () -> String) throws -> String {
    switch self {
    case .table: table()
    case .json: String(decoding: document.serialized(pretty: true), as: UTF8.self) + "\n"
    case .yaml: try YAML.serialize(document)
    }
  }

  /// What stands between two documents of one output.
  var separator: String {
    switch self {
    case .table: "\n"
    case .json: ""
    case .yaml: "---\n"
    }
  }
}
