import Foundation

/// Files of a server that the Go program in Tests/GoVerdict made, with Go's verdict.
struct GoCase: Decodable, Sendable {
  /// Texts are Go's errors, empty where it has none.
  struct Verdict: Decodable, Sendable {
    /// Whether a server starts with certificate and key.
    let pair: String
    /// Whether a server that verifies clients finds a CA.
    let hasPool: Bool
    /// Whether a client connects that trusts the very certificate, under whatever name.
    let reached: String
    /// Whether a client connects that trusts the CA, under the host's name: internal TLS.
    let `internal`: String
    /// Whether a server that trusts the CA takes certificate and key from a client.
    let client: String
    /// Whether the certificate is for each of some hosts; nil where it cannot be read.
    let covers: [String: Bool]?
  }

  let name: String
  let certificate: Data
  let key: Data
  let authority: Data
  /// `internaltls.sni`.
  let host: String
  /// Seconds since 1970.
  let now: TimeInterval
  let verdict: Verdict
}

extension GoCase {
  /// Every case of a seed, from one run of the program.
  ///
  /// `GO` names the `go` command; without it that of `scripts/setup.sh unit` is used.
  static func all(seed: String) throws -> [GoCase] {
    let environment = ProcessInfo.processInfo.environment
    let cache = environment["MILVUS_TLS_CACHE"] ?? NSHomeDirectory() + "/.cache/milvus-tls-operator"
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["timeout", "600", environment["GO"] ?? cache + "/go-1.24.11/bin/go", "run", ".", seed]
    process.currentDirectoryURL = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../GoVerdict")
    // Nothing but the toolchain itself: no download, no workspace of the developer's.
    process.environment = environment.merging(
      [
        "GOTOOLCHAIN": "local", "GOPROXY": "off", "GOWORK": "off", "GOFLAGS": "-buildvcs=false", "GODEBUG": "",
        "GOCACHE": cache + "/go-build",
      ]
    ) { _, ours in ours }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    try process.run()
    let lines = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw GoFailure(status: process.terminationStatus) }
    return try lines.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(GoCase.self, from: $0) }
  }
}

struct GoFailure: Error, CustomStringConvertible {
  let status: Int32

  var description: String {
    "the Go program ended with status \(status): its output is above; `scripts/setup.sh unit` installs Go"
  }
}
