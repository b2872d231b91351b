import ArgumentParser

/// Output format of `milvus-tls status`.
enum StatusFormat: String, CaseIterable, ExpressibleByArgument {
  case table, wide, json, yaml

  /// The format of documents; nil for a table.
  var document: OutputFormat? {
    switch self {
    case .table, .wide: nil
    case .json: .json
    case .yaml: .yaml
    }
  }
}
