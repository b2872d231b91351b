import Foundation
import JSON

/// What a Milvus container does with its configuration when it starts: its log lines, and whether it comes up.
///
/// Wording and order are those of Milvus 2.5 (`internal/distributed/utils/util.go`, `internal/distributed/proxy/service.go`):
/// "Internal TLS Enabled" tells the setting, before the certificate is read.
struct MilvusProcess: Sendable {
  enum Outcome: Sendable, Equatable {
    case ready
    /// It runs, but its components cannot reach each other.
    case unready
    case crashed
  }

  /// The component: `standalone`, `proxy`, ...
  let component: String
  /// The merged configuration, without what milvus.yaml has by default.
  let configuration: JSONValue
  /// Files that Secrets put into the container.
  let files: Set<String>
  let version: MilvusVersion

  func run() -> (lines: [String], outcome: Outcome) {
    let proxy = hasProxy ? proxyLines() : (lines: [], failed: false)
    let tls = version.isAtLeast(2, 5) ? internalTLSLines() : (lines: [], failed: false)
    let outcome: Outcome = proxy.failed ? .crashed : tls.failed ? .unready : .ready
    let opening = [
      MilvusLogLine("INFO", "roles/roles.go:312", "starting running Milvus components"),
      MilvusLogLine("INFO", "components/component.go:40", "Milvus Params initialized", ["role": .string(component)]),
      MilvusLogLine("INFO", "sessionutil/session_util.go:268", "Session try to connect to etcd"),
      MilvusLogLine("INFO", "sessionutil/session_util.go:283", "Session connect to etcd success"),
    ]
    var closing: [MilvusLogLine] = []
    if outcome == .ready {
      closing = servers.map { MilvusLogLine("INFO", "\($0)/service.go:188", "\($0) successfully started") }
      closing.append(MilvusLogLine("INFO", "roles/roles.go:398", "All Milvus components are ready"))
    }
    let isJSON = configuration[path: "log", "format"]?.string == "json"
    let lines = opening + tls.lines + proxy.lines + closing
    return (lines.map { isJSON ? $0.json : $0.text }, outcome)
  }

  private var hasProxy: Bool { component == "proxy" || component == "standalone" }

  /// The gRPC servers in the process.
  private var servers: [String] {
    switch component {
    case "standalone": ["rootcoord", "datacoord", "querycoord", "querynode", "datanode", "indexnode", "proxy"]
    case "mixcoord": ["rootcoord", "datacoord", "querycoord"]
    default: [component]
    }
  }

  // MARK: Internal TLS

  private func internalTLSLines() -> (lines: [MilvusLogLine], failed: Bool) {
    let isEnabled = configuration[path: "common", "security", "internaltlsEnabled"].map(Self.isTrue) ?? false
    let results = servers.map { isEnabled ? startServer($0) : ([enabledLine(false)], false) }
    let client = isEnabled ? createCertificatePool() : ([], false)
    return (results.flatMap(\.0) + client.0, client.1 || results.contains { $0.1 })
  }

  private func startServer(_ server: String) -> ([MilvusLogLine], Bool) {
    let certificate = path("internaltls", "serverPemPath", "server.pem")
    let key = path("internaltls", "serverKeyPath", "server.key")
    let lines = [
      enabledLine(true),
      MilvusLogLine("INFO", "utils/util.go:39", "TLS Server PEM Path", ["path": .string(certificate)]),
      MilvusLogLine("INFO", "utils/util.go:40", "TLS Server Key Path", ["path": .string(key)]),
    ]
    guard let error = missing(certificate) ?? missing(key) else { return (lines, false) }
    // Milvus says it twice.
    let warning = MilvusLogLine("WARN", "utils/util.go:43", "\(server) can't create creds", ["error": .string(error)])
    return (lines + [warning, warning], true)
  }

  private func createCertificatePool() -> ([MilvusLogLine], Bool) {
    let authority = path("internaltls", "caPemPath", "ca.pem")
    let lines = [
      MilvusLogLine("INFO", "utils/util.go:66", "Creating cert pool for \(component)"),
      MilvusLogLine("INFO", "utils/util.go:67", "Cert file path:", ["caFile": .string(authority)]),
    ]
    guard let error = missing(authority) else { return (lines, false) }
    let failure = MilvusLogLine(
      "ERROR",
      "utils/util.go:72",
      "Error reading cert file in client",
      ["error": .string(error)]
    )
    return (lines + [failure], true)
  }

  private func enabledLine(_ value: Bool) -> MilvusLogLine {
    MilvusLogLine("INFO", "utils/util.go:56", "Internal TLS Enabled", ["value": .bool(value)])
  }

  // MARK: External TLS

  private func proxyLines() -> (lines: [MilvusLogLine], failed: Bool) {
    let mode = configuration[path: "common", "security", "tlsMode"].flatMap(Self.number) ?? 0
    guard mode == 1 || mode == 2 else { return ([], false) }
    let certificate = path("tls", "serverPemPath", "server.pem")
    let key = path("tls", "serverKeyPath", "server.key")
    let authority = mode == 2 ? missing(path("tls", "caPemPath", "ca.pem")) : nil
    guard let error = missing(certificate) ?? missing(key) ?? authority else { return ([], false) }
    let what =
      mode == 1
      ? "proxy can't create creds" : error == authority ? "failed read ca pem" : "proxy cant load x509 key pair"
    return (
      [
        MilvusLogLine("WARN", "proxy/service.go:305", what, ["error": .string(error)]),
        MilvusLogLine("ERROR", "components/proxy.go:61", "Proxy starts error", ["error": .string(error)]),
      ], true
    )
  }

  // MARK: Configuration

  /// A configured path, or that of the certificate baked into the image.
  private func path(_ section: String, _ key: String, _ file: String) -> String {
    configuration[path: section, key]?.string ?? "configs/cert/\(file)"
  }

  private func missing(_ path: String) -> String? {
    let isBakedIn = path.hasPrefix("configs/cert/") || path.hasPrefix("/milvus/configs/cert/")
    return isBakedIn || files.contains(path) ? nil : "open \(path): no such file or directory"
  }

  private static func isTrue(_ value: JSONValue) -> Bool {
    value.bool ?? (value.string?.lowercased() == "true")
  }

  private static func number(_ value: JSONValue) -> Int? {
    value.integer ?? value.string.flatMap { Int($0) }
  }
}
