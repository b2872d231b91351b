/// The settings of Milvus's logger that decide whether a pod's log can have the line about internal TLS.
struct LogSettings: Equatable {
  /// Why no log has the line, for people; nil where logs can have it.
  let silence: String?

  /// Levels above that of the line, which is `info`.
  private static let levelsAboveInfo: Set = ["warn", "warning", "error", "dpanic", "panic", "fatal"]

  init(_ settings: MilvusSettings) {
    let level = settings.effective(.logLevel).first
    if let output = settings.effective(.logToStandardOutput).first, output.value.goBool == false {
      silence = "\(output.field) is false: the log is written to a file"
    } else if let level, let text = level.value.string, Self.levelsAboveInfo.contains(text.lowercased()) {
      silence = "\(level.field) is \(text): Milvus writes the line about internal TLS at info"
    } else {
      silence = nil
    }
  }
}
