import JSON

/// YAML text as JSON values, read as `kubectl` reads it.
///
/// Plain scalars follow `sigs.k8s.io/yaml` (goyaml v2): the YAML 1.2 core schema plus the booleans of YAML 1.1 (`yes`, `no`,
/// `on`, `off`, `y`, `n`) and its integers (`0b1`, `0o7`, `017`, `0x1f`, `1_000`). Quoted scalars are strings, dates too.
public enum YAML {
  /// Reads the first document.
  /// - Returns: `.null` for text without any document.
  /// - Throws: `YAMLError` for text that is not YAML, for a duplicate key, for what JSON has no value for (`.nan`, `.inf`, a key
  ///   that is no scalar, a tag of its own), and for aliases that expand past a million nodes.
  public static func parse(_ text: String) throws -> JSONValue {
    var composer = Composer(parser: try EventParser(text))
    return try composer.nextDocument() ?? .null
  }

  /// Reads every document of a stream, an empty one as `.null`.
  /// - Throws: `YAMLError` as ``parse(_:)``.
  public static func parseAll(_ text: String) throws -> [JSONValue] {
    var composer = Composer(parser: try EventParser(text))
    var documents: [JSONValue] = []
    while let document = try composer.nextDocument() { documents.append(document) }
    return documents
  }

  /// Writes one document in block style with sorted keys, ending in a line break.
  ///
  /// A string that would read back as another kind is quoted; one of several lines becomes a literal block.
  /// - Throws: `YAMLError` when a number is not finite or memory runs out.
  public static func serialize(_ value: JSONValue) throws -> String {
    let emitter = try DocumentEmitter()
    return try emitter.emit(value)
  }
}
