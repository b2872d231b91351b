import MilvusTLS
import YAML

/// Judges a log of Milvus: what it says of TLS that failed.
struct LogCheck {
  private let file: CheckedFile

  init(_ file: CheckedFile) { self.file = file }

  /// `[2026/11/20 08:00:03.100 +00:00] [INFO] ...`
  static func isLog(_ text: String) -> Bool {
    text.prefixMatch(of: /\s*\[\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d+ [+-]\d\d:\d\d\] \[[A-Z]+\]/) != nil
  }

  /// The last statement counts, as for the operator.
  var findings: [Finding] {
    let lines = String(decoding: file.contents, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    var scanner = CrashLogScanner(isOfInternalTLS: true)
    scanner.consume(file.contents)
    guard let evidence = scanner.evidence() else { return [] }
    let line = lines.lastIndex { line in
      var scanner = CrashLogScanner(isOfInternalTLS: true)
      scanner.consume(Array(line.utf8) + [UInt8(ascii: "\n")])
      return scanner.evidence() == evidence
    }
    return [
      Finding(
        .error,
        VerifiedReason.logRefutes.rawValue,
        evidence,
        mend: "Mend what the line names, and check the files that Milvus starts with.",
        in: file.name,
        at: YAMLPlaces.Place(line: (line ?? 0) + 1, column: 1)
      )
    ]
  }
}
