import Foundation
import JSON

/// Findings as a log of SARIF 2.1.0, which CI systems show beside the lines of a change.
///
/// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
struct SARIFLog {
  let json: JSONValue

  init(_ findings: [Finding], version: String) {
    let rules = Set(findings.map(\.reason)).sorted()
    json = [
      "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
      "version": "2.1.0",
      "runs": [
        [
          "tool": [
            "driver": [
              "name": "milvus-tls", "version": .string(version), "rules": .array(rules.map { ["id": .string($0)] }),
            ]
          ],
          // Columns are counted in characters of Unicode.
          "columnKind": "unicodeCodePoints",
          "results": .array(findings.map { Self.result($0, rules) }),
        ]
      ],
    ]
  }

  private static func result(_ finding: Finding, _ rules: [String]) -> JSONValue {
    [
      "ruleId": .string(finding.reason), "ruleIndex": .integer(rules.firstIndex(of: finding.reason) ?? 0),
      "level": .string(finding.severity.rawValue),
      "message": ["text": .string("\(finding.message). \(finding.mend)")],
      "locations": [
        [
          "physicalLocation": [
            "artifactLocation": ["uri": .string(uri(of: finding.file))],
            "region": [
              "startLine": .integer(finding.place.line), "startColumn": .integer(finding.place.column),
            ],
          ]
        ]
      ],
    ]
  }

  /// A relative path stays relative: CI systems resolve it against the repository.
  private static func uri(of file: String) -> String {
    let path = file == "<stdin>" ? "stdin" : file
    let encoded = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
    return path.hasPrefix("/") ? "file://" + encoded : encoded
  }
}
