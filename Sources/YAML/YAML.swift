import JSON

/// YAML text as JSON values, parsed as `kubectl` does.
///
/// Plain scalars follow `sigs.k8s.io/yaml` (goyaml v2): the YAML 1.2 core schema plus the booleans of YAML 1.1 (`yes`,
/// `no`, `on`, `off`, `y`, `n`) and its integers (`0b1`, `0o7`, `017`, `0x1f`, `1_000`). Quoted scalars are strings,
/// and so are dates.
public enum YAML {
  /// What happens to a key that a mapping has twice.
  public enum DuplicateKeys: Sendable {
    /// The text is invalid, as YAML 1.2 says.
    case refused
    /// The last value counts, as in goyaml v2. The same is true of a merge key (`<<`): it replaces the keys before it.
    case lastWins
  }

  /// Parses the first document.
  /// - Returns: `.null` for text without a document.
  /// - Throws: `YAMLError` for invalid YAML, a duplicate key that is `refused`, anything that JSON cannot represent
  ///   (`.nan`, `.inf`, a key that is not a scalar, a custom tag), and aliases that expand to more than a million nodes.
  public static func parse(_ text: String, duplicateKeys: DuplicateKeys = .refused) throws -> JSONValue {
    var composer = Composer(parser: try EventParser(text), duplicateKeys: duplicateKeys)
    return try composer.nextDocument() ?? .null
  }

  /// Parses every document of a stream; an empty document is `.null`.
  /// - Throws: `YAMLError` as ``parse(_:)``.
  public static func parseAll(_ text: String) throws -> [JSONValue] {
    var composer = Composer(parser: try EventParser(text), duplicateKeys: .refused)
    var documents: [JSONValue] = []
    while let document = try composer.nextDocument() { documents.append(document) }
    return documents
  }

  /// Writes one document in block style with sorted keys, ending in a line break.
  ///
  /// A string that would be read as another type is quoted. A multi-line string becomes a literal block.
  /// - Throws: `YAMLError` if a number is not finite or memory is exhausted.
  public static func serialize(_ value: JSONValue) throws -> String {
    let emitter = try DocumentEmitter()
    return try emitter.emit(value)
  }
}
