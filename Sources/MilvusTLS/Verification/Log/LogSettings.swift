import JSON

/// The settings of Milvus's logger that decide whether a pod's log can have the line about internal TLS.
struct LogSettings: Equatable {
  /// Why no log has the line, for people; nil where logs can have it.
  let silence: String?

  /// Levels above that of the line, which is `info`.
  private static let levelsAboveInfo: Set = ["warn", "warning", "error", "dpanic", "panic", "fatal"]

  /// - Parameter config: `spec.config` of a Milvus.
  init(_ config: JSONValue?) {
    let level = Self.value("level", in: config)?.string
    if Self.value("stdout", in: config)?.goBool == false {
      silence = "spec.config.log.stdout is false: the log is written to a file"
    } else if let level, Self.levelsAboveInfo.contains(level.lowercased()) {
      silence = "spec.config.log.level is \(level): Milvus writes the line about internal TLS at info"
    } else {
      silence = nil
    }
  }

  private static func value(_ key: String, in config: JSONValue?) -> JSONValue? { config?["log"]?[key] }
}
