import CLibYAML

/// The libyaml that the program runs with.
package enum LibYAMLVersion {
  /// For example `0.2.5`.
  package static var text: String { yaml_get_version_string().map { String(cString: $0) } ?? "unknown" }
}
