import Foundation
import JSON
import Kubernetes
import MilvusTLS
import YAML

/// Judges files, each by its kind, together: what one names another may hold.
struct FileCheck {
  private let files: [CheckedFile]
  private let now: Date

  init(_ files: [CheckedFile], now: Date) {
    self.files = files
    self.now = now
  }

  /// Sorted by file and place.
  /// - Throws: `CommandFailure` for a file that cannot be read.
  func findings() throws -> [Finding] {
    var findings: [Finding] = []
    let resources = ResourceCheck(files.filter { $0.kind == .resources })
    findings += try resources.findings(at: now)
    let composed = try files.filter { $0.kind == .compose }.map { try ComposeCheck($0, among: files) }
    let mounted = Set(composed.compactMap(\.configurationPath))
    for check in composed { findings += try check.release.findings(at: now) }
    for file in files {
      switch file.kind {
      case .values: findings += try ChartCheck(file, secrets: resources.secrets).findings(at: now)
      case .configuration where !mounted.contains(file.path):
        findings += try ConfigurationCheck(file).release.findings(at: now)
      case .certificate: findings += try CertificateCheck(file).findings(at: now)
      case .kubeconfig: findings += KubeconfigCheck(file).findings
      case .log: findings += LogCheck(file).findings
      case .resources, .compose, .configuration: break
      }
    }
    let order = Dictionary(files.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    var seen: Set<Finding> = []
    return findings.filter { seen.insert($0).inserted }.sorted { left, right in
      let (first, second) = (order[left.file] ?? .max, order[right.file] ?? .max)
      return (first, left.file, left.place, left.severity) < (second, right.file, right.place, right.severity)
    }
  }
}
