import JSON

/// What a pod's log says about internal TLS.
public enum LogVerdict: Sendable, Hashable {
  /// Milvus wrote `["Internal TLS Enabled"] [value=true]`.
  case confirmed(evidence: String)
  /// Milvus wrote `[value=false]`, or that it cannot use its certificates.
  case refuted(evidence: String)
  /// The log passed its limit without the line: a rotated log proves nothing either way.
  case unknown(reason: String)
}

/// Finds Milvus's line on internal TLS in a log that arrives in pieces, in memory of one line at the most.
///
/// Milvus writes the line once per gRPC server start, near the start of the log, in one of two formats:
///
///     [2024/12/03 10:22:33.123 +00:00] [INFO] [utils/util.go:56] ["Internal TLS Enabled"] [value=true]
///     {"level":"INFO","time":"...","message":"Internal TLS Enabled","value":true}
public struct LogScanner: Sendable {
  /// Longest part of a line that is looked at, in bytes. Milvus's own line has some 100.
  static let lineLimit = 16 * 1024

  private var line: [UInt8] = []
  private var isPastLimit = false

  /// How much of the log is held.
  var bufferedBytes: Int { line.count }

  public init() {}

  /// Takes the next piece of the log.
  /// - Returns: the verdict as soon as a line gives one; then nothing more needs to be read.
  public mutating func consume(_ chunk: some Sequence<UInt8>) -> LogVerdict? {
    for byte in chunk {
      if byte == UInt8(ascii: "\n") {
        if let verdict = endLine() { return verdict }
      } else if line.count < Self.lineLimit {
        line.append(byte)
      } else {
        isPastLimit = true
      }
    }
    return nil
  }

  private mutating func endLine() -> LogVerdict? {
    defer {
      line.removeAll(keepingCapacity: true)
      isPastLimit = false
    }
    // A line this long is none of those looked for, and a cut one could end inside a quoted value.
    guard !isPastLimit, !line.isEmpty else { return nil }
    return MilvusLogLine(String(decoding: line, as: UTF8.self))?.verdict
  }
}

/// One line of Milvus's log, in either of its formats, taken apart into message and fields.
struct MilvusLogLine {
  let text: String
  let level: String
  let message: String
  let fields: [String: String]

  /// Takes a line apart; nil where it is not Milvus's format (a shell's output, a panic's trace).
  init?(_ raw: String) {
    text = raw.removingTerminalCodes.trimmingEndOfLine
    if text.first == "{" {
      guard let entry = try? JSONValue(parsing: text).object else { return nil }
      level = entry["level"]?.string ?? ""
      message = entry["message"]?.string ?? entry["msg"]?.string ?? ""
      fields = entry.mapValues { $0.string ?? $0.description }
    } else {
      guard let parts = Self.brackets(of: text), parts.count >= 4 else { return nil }
      level = String(parts[1])
      message = parts[3].unquoted
      fields = Dictionary(
        parts.dropFirst(4).compactMap { part in
          part.firstIndex(of: "=").map { (String(part[..<$0]), String(part[part.index(after: $0)...]).unquoted) }
        },
        uniquingKeysWith: { first, _ in first }
      )
    }
  }

  var verdict: LogVerdict? {
    if message.lowercased() == "internal tls enabled" {
      switch fields["value"] {
      case "true": return .confirmed(evidence: evidence)
      case "false": return .refuted(evidence: evidence)
      default: return nil
      }
    }
    guard level != "INFO", level != "DEBUG" else { return nil }
    return Self.failures.contains { message.contains($0) } ? .refuted(evidence: evidence) : nil
  }

  /// Messages with which Milvus gives up on its internal certificates (internal/util/streamrpc and its gRPC servers).
  private static let failures = ["can't create creds", "failed to create internal TLS credentials"]

  private var evidence: String {
    let limit = 300
    return text.utf8.count > limit ? String(decoding: text.utf8.prefix(limit), as: UTF8.self) + "…" : text
  }

  /// The contents of `[a] [b] ["c ] d"]`, quotes kept; nil where the line is not made of brackets alone.
  private static func brackets(of line: String) -> [Substring]? {
    var parts: [Substring] = []
    var start: String.Index?
    var isQuoted = false
    var isEscaped = false
    for index in line.indices {
      let character = line[index]
      guard let first = start else {
        if character == "[" { start = line.index(after: index) } else if character != " " { return nil }
        continue
      }
      if isEscaped {
        isEscaped = false
      } else if isQuoted, character == "\\" {
        isEscaped = true
      } else if character == "\"" {
        isQuoted.toggle()
      } else if !isQuoted, character == "]" {
        parts.append(line[first..<index])
        start = nil
      }
    }
    return start == nil ? parts : nil
  }
}

extension StringProtocol {
  fileprivate var unquoted: String {
    count >= 2 && hasPrefix("\"") && hasSuffix("\"") ? String(dropFirst().dropLast()) : String(self)
  }
}

extension String {
  fileprivate var trimmingEndOfLine: String {
    last == "\r" ? String(dropLast()) : self
  }

  /// The text without ANSI escape sequences (ECMA-48, CSI) and other control characters.
  fileprivate var removingTerminalCodes: String {
    var result = String.UnicodeScalarView()
    var isInSequence = false
    var previous: Unicode.Scalar = " "
    for scalar in unicodeScalars {
      if isInSequence {
        if previous != "\u{1B}", ("@"..."~").contains(scalar) { isInSequence = false }
      } else if scalar == "\u{1B}" {
        isInSequence = true
      } else if scalar.value >= 0x20, scalar.value != 0x7F {
        result.append(scalar)
      }
      previous = scalar
    }
    return String(result)
  }
}
