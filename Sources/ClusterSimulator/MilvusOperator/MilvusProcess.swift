import Foundation
import JSON

/// What a Milvus container does at its start: its log lines, whether it becomes ready, and where it listens.
///
/// The log lines are those of Milvus 2.5 (`internal/distributed/utils/util.go`,
/// `internal/distributed/proxy/service.go`). "Internal TLS Enabled" reports the setting, before the certificate is
/// read.
struct MilvusProcess: Sendable {
  enum Outcome: Sendable, Equatable {
    case ready
    /// It runs, but its components cannot connect to each other.
    case unready
    case crashed
  }

  /// Result of a start.
  struct Start: Sendable {
    let lines: [String]
    let outcome: Outcome
    /// Where it listens; empty unless it is ready.
    let endpoints: [ServerEndpoint]
  }

  /// Result of reading a certificate.
  private enum Security {
    case plaintext
    case tls(TLSServerSettings)
    case failed

    var isFailed: Bool {
      guard case .failed = self else { return false }
      return true
    }

    var settings: TLSServerSettings? {
      guard case .tls(let settings) = self else { return nil }
      return settings
    }
  }

  /// The component: `standalone`, `proxy`, ...
  let component: String
  /// The merged configuration, without the defaults of milvus.yaml.
  let configuration: JSONValue
  let files: ContainerFiles
  let version: MilvusVersion

  func run() -> Start {
    let servers = MilvusServers(component: component, configuration: configuration, version: version)
    let proxy = servers.haveProxy ? startProxy() : ([], .plaintext)
    let tls = version.isAtLeast(2, 5) ? startInternalTLS(servers.names) : ([], .plaintext)
    let outcome: Outcome = proxy.1.isFailed ? .crashed : tls.1.isFailed ? .unready : .ready
    let lines = opening + tls.0 + proxy.0 + (outcome == .ready ? Self.closing(servers.names) : [])
    let isJSON = configuration[path: "log", "format"]?.string == "json"
    let endpoints = servers.endpoints(external: proxy.1.settings, internal: tls.1.settings)
    return Start(
      lines: lines.map { isJSON ? $0.json : $0.text },
      outcome: outcome,
      endpoints: outcome == .ready ? endpoints : []
    )
  }

  private var opening: [MilvusLogLine] {
    [
      MilvusLogLine("INFO", "roles/roles.go:312", "starting running Milvus components"),
      MilvusLogLine("INFO", "components/component.go:40", "Milvus Params initialized", ["role": .string(component)]),
      MilvusLogLine("INFO", "sessionutil/session_util.go:268", "Session try to connect to etcd"),
      MilvusLogLine("INFO", "sessionutil/session_util.go:283", "Session connect to etcd success"),
    ]
  }

  private static func closing(_ servers: [String]) -> [MilvusLogLine] {
    servers.map { MilvusLogLine("INFO", "\($0)/service.go:188", "\($0) successfully started") }
      + [MilvusLogLine("INFO", "roles/roles.go:398", "All Milvus components are ready")]
  }

  // MARK: Internal TLS

  private func startInternalTLS(_ servers: [String]) -> ([MilvusLogLine], Security) {
    let isEnabled =
      configuration[path: "common", "security", "internaltlsEnabled"].map(MilvusServers.isTrue) ?? false
    guard isEnabled else { return (servers.map { _ in enabledLine(false) }, .plaintext) }
    let (certificate, key) = keyPairPaths(in: "internaltls")
    // All servers read the same files.
    let pair = Result { () throws(ContainerFiles.Failure) in try files.keyPair(certificate: certificate, key: key) }
    let client = createCertificatePool()
    let lines = servers.flatMap { self.lines(of: $0, certificate, key, pair) } + client.lines
    guard !client.failed, case .success(let settings) = pair else { return (lines, .failed) }
    return (lines, .tls(settings))
  }

  private func lines(
    of server: String,
    _ certificate: String,
    _ key: String,
    _ pair: Result<TLSServerSettings, ContainerFiles.Failure>
  ) -> [MilvusLogLine] {
    let lines = [
      enabledLine(true),
      MilvusLogLine("INFO", "utils/util.go:39", "TLS Server PEM Path", ["path": .string(certificate)]),
      MilvusLogLine("INFO", "utils/util.go:40", "TLS Server Key Path", ["path": .string(key)]),
    ]
    guard case .failure(let failure) = pair else { return lines }
    // Milvus logs this twice.
    let error: JSONValue = .string(failure.text)
    let warning = MilvusLogLine("WARN", "utils/util.go:43", "\(server) can't create creds", ["error": error])
    return lines + [warning, warning]
  }

  private func createCertificatePool() -> (lines: [MilvusLogLine], failed: Bool) {
    let path = path("internaltls", "caPemPath", "ca.pem")
    let lines = [
      MilvusLogLine("INFO", "utils/util.go:66", "Creating cert pool for \(component)"),
      MilvusLogLine("INFO", "utils/util.go:67", "Cert file path:", ["caFile": .string(path)]),
    ]
    do {
      guard try files.authorities(at: path).isEmpty else { return (lines, false) }
      return (lines + [MilvusLogLine("ERROR", "utils/util.go:77", "Failed to append certificates to pool")], true)
    } catch {
      let text: JSONValue = .string(error.text)
      return (
        lines + [MilvusLogLine("ERROR", "utils/util.go:72", "Error reading cert file in client", ["error": text])], true
      )
    }
  }

  private func enabledLine(_ value: Bool) -> MilvusLogLine {
    MilvusLogLine("INFO", "utils/util.go:56", "Internal TLS Enabled", ["value": .bool(value)])
  }

  // MARK: External TLS

  private func startProxy() -> ([MilvusLogLine], Security) {
    let mode = configuration[path: "common", "security", "tlsMode"].flatMap(MilvusServers.number) ?? 0
    guard mode == 1 || mode == 2 else { return ([], .plaintext) }
    let (certificate, key) = keyPairPaths(in: "tls")
    var settings: TLSServerSettings
    do {
      settings = try files.keyPair(certificate: certificate, key: key)
    } catch {
      return proxyFailure(mode == 1 ? "proxy can't create creds" : "proxy cant load x509 key pair", error)
    }
    guard mode == 2 else { return ([], .tls(settings)) }
    do {
      settings.clientAuthorities = try files.authorities(at: path("tls", "caPemPath", "ca.pem"))
    } catch {
      return proxyFailure("failed read ca pem", error)
    }
    guard !settings.clientAuthorities.isEmpty else {
      return proxyFailure("fail to append ca to cert", ContainerFiles.Failure("fail to append ca to cert"))
    }
    return ([], .tls(settings))
  }

  private func proxyFailure(_ message: String, _ failure: ContainerFiles.Failure) -> ([MilvusLogLine], Security) {
    let error: JSONValue = .string(failure.text)
    return (
      [
        MilvusLogLine("WARN", "proxy/service.go:305", message, ["error": error]),
        MilvusLogLine("ERROR", "components/proxy.go:61", "Proxy starts error", ["error": error]),
      ], .failed
    )
  }

  // MARK: Configuration

  private func keyPairPaths(in section: String) -> (certificate: String, key: String) {
    (path(section, "serverPemPath", "server.pem"), path(section, "serverKeyPath", "server.key"))
  }

  /// A configured path, or that of the certificate in the image.
  private func path(_ section: String, _ key: String, _ file: String) -> String {
    configuration[path: section, key]?.string ?? "configs/cert/\(file)"
  }
}
