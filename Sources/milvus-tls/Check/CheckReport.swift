import JSON

/// Findings for people and for programs.
struct CheckReport {
  /// Form of the output.
  enum Format: String, CaseIterable {
    /// A line for each finding, as compilers print them.
    case text
    case json
    /// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
    case sarif
  }

  let findings: [Finding]
  let fileCount: Int

  var errors: Int { findings.count { $0.severity == .error } }
  var warnings: Int { findings.count { $0.severity == .warning } }

  /// - Parameter isStrict: whether warnings count.
  /// - Returns: 0, 1 for errors, 3 for warnings.
  func exitStatus(isStrict: Bool) -> Int32 { errors > 0 ? 1 : isStrict && warnings > 0 ? 3 : 0 }

  /// - Parameter version: of this program.
  func text(_ format: Format, version: String) -> String {
    switch format {
    case .text: lines
    case .json: String(decoding: json.serialized(pretty: true), as: UTF8.self) + "\n"
    case .sarif:
      String(decoding: SARIFLog(findings, version: version).json.serialized(pretty: true), as: UTF8.self) + "\n"
    }
  }

  private var lines: String {
    let found = findings.map { finding in
      "\(finding.file):\(finding.place.line):\(finding.place.column): \(finding.severity.rawValue): \(finding.reason): "
        + "\(finding.message.inOneLine)\n    \(finding.mend)\n"
    }
    let count = { (count: Int, word: String) in "\(count) \(word)\(count == 1 ? "" : "s")" }
    return found.joined() + "\(count(errors, "error")), \(count(warnings, "warning")) in \(count(fileCount, "file"))\n"
  }

  private var json: JSONValue {
    [
      "findings": .array(
        findings.map { finding in
          [
            "severity": .string(finding.severity.rawValue), "reason": .string(finding.reason),
            "message": .string(finding.message), "mend": .string(finding.mend), "file": .string(finding.file),
            "line": .integer(finding.place.line), "column": .integer(finding.place.column),
          ]
        }
      ), "errors": .integer(errors), "warnings": .integer(warnings),
    ]
  }
}
