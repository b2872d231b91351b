import FlyingFox
import Foundation
import Synchronization
import TestSupport
import Testing

import enum JSON.JSONValue

@testable import Kubernetes

@Suite(.timeLimit(.minutes(5)))
struct ExecPluginTests {
  @Test(
    "A plugin gets its arguments, its environment and what it is to know of the cluster",
    arguments: ExecPlugin.Version.allCases
  )
  func input(version: ExecPlugin.Version) async throws {
    let folder = try TemporaryFolder()
    let script = """
      printf '%s' "$KUBERNETES_EXEC_INFO" > info
      printf '%s|' "$@" "$COLOUR" "$HOME" > arguments
      printf '%s' '\(Self.credential("t", version: version))'
      """
    let source = try Self.source(
      folder,
      script: "cd '\(folder.path)'\n" + script,
      version: version,
      exec: ["args": ["a b", "$(c)"], "env": [["name": "COLOUR", "value": "red"]], "provideClusterInfo": true]
    )
    #expect(try await source.credential().token == "t")
    let home = ProcessInfo.processInfo.environment["HOME"] ?? ""
    #expect(try String(contentsOfFile: "\(folder.path)/arguments", encoding: .utf8) == "a b|$(c)|red|\(home)|")
    let info = try JSONValue(parsing: String(contentsOfFile: "\(folder.path)/info", encoding: .utf8))
    let expected: JSONValue = [
      "apiVersion": .string(version.rawValue), "kind": "ExecCredential",
      "spec": [
        "interactive": false,
        "cluster": [
          "server": "https://127.0.0.1:1", "config": ["audience": "x"],
          "certificate-authority-data": "LS0tLS1CRUdJTiA=",
        ],
      ],
    ]
    #expect(info == expected)
  }

  @Test(
    "A plugin that fails is an error with its own words, and never what it printed",
    arguments: [
      ("echo secret; echo 'log in' first >&2; exit 3", "exited(3): log in first"),
      ("echo secret", "printed no ExecCredential"),
      (
        #"echo '{"kind": "ExecCredential", "apiVersion": "x", "status": {"token": "secret"}}'"#,
        "printed an apiVersion other than client.authentication.k8s.io/v1"
      ),
      (
        #"echo '{"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1"}'"#,
        "printed an ExecCredential without status"
      ),
      (
        #"echo '{"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1", "status": {}}'"#,
        "status must have token, or clientCertificateData and clientKeyData"
      ),
      (
        #"echo '{"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1", "status": {"clientKeyData": "-----BEGIN secret"}}'"#,
        "status must have both or neither of clientCertificateData and clientKeyData"
      ),
      (
        #"echo '{"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1", "status": {"token": "secret", "expirationTimestamp": "soon"}}'"#,
        "status.expirationTimestamp must be a time such as 2006-01-02T15:04:05Z"
      ),
      ("yes secret", "printed too much"),
    ]
  )
  func failures(script: String, reason: String) async throws {
    let folder = try TemporaryFolder()
    let source = try Self.source(folder, script: script)
    let error = await #expect(throws: KubernetesError.self) { try await source.credential() }
    let place = "kubeconfig \(folder.path)/config: users[u].user.exec: \(folder.path)/plugin"
    #expect(error == .configuration("\(place): \(reason)"))
  }

  @Test("Long complaints are cut, and a program that is not there comes with the hint how to get it")
  func complaints() async throws {
    let folder = try TemporaryFolder()
    let source = try Self.source(folder, script: "head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1")
    let error = await #expect(throws: KubernetesError.self) { try await source.credential() }
    #expect(error?.description.hasSuffix(": exited(1): \(String(repeating: "x", count: 512))...") == true)
    var exec: [String: JSONValue] = ["installHint": "get it from example.com", "command": "no-such-program-anywhere"]
    exec["env"] = []
    let missing = try Self.source(folder, script: "", exec: exec)
    let hint = await #expect(throws: KubernetesError.self) { try await missing.credential() }
    #expect(hint?.description.hasSuffix("no-such-program-anywhere: cannot be run; get it from example.com") == true)
  }

  @Test("A plugin without an answer is killed with its children")
  func timeout() async throws {
    let folder = try TemporaryFolder()
    try folder.write("#!/bin/sh\nsleep 600 & echo $! > '\(folder.path)/child'\nwait\n", to: "plugin")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(folder.path)/plugin")
    let plugin = ExecPlugin(
      source: "s",
      version: .v1,
      command: "\(folder.path)/plugin",
      arguments: [],
      environment: [:],
      cluster: nil,
      installHint: nil,
      timeout: .milliseconds(500)
    )
    let error = await #expect(throws: KubernetesError.self) { try await plugin.run() }
    #expect(error?.description.hasSuffix("no answer within 0.5 seconds") == true)
    let text = try String(contentsOfFile: "\(folder.path)/child", encoding: .utf8)
    let child = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    // A process that has ended and that nobody has waited for is still there, as a zombie.
    try await eventually {
      let status = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
      return status == nil || status?.contains(") Z ") == true
    }
  }

  @Test(
    "A credential expires at the time that its offset and its decimals say",
    arguments: [
      ("2026-11-26T10:00:00Z", 0), ("2026-11-26T12:00:00+02:00", 0), ("2026-11-26T02:30:00.25-07:30", 0.25),
      ("2026-11-26t10:00:00.123456789z", 0.123456789),
    ]
  )
  func expiration(text: String, after: TimeInterval) throws {
    let credential = Self.credential("t").replacing(#""token""#, with: #""expirationTimestamp":"\#(text)","token""#)
    let expiration = try ExecCredential(parsing: Array(credential.utf8), version: .v1).expiration
    // 2026-11-26T10:00:00Z
    #expect(abs(try #require(expiration).timeIntervalSince1970 - 1_795_687_200 - after) < 0.000_001)
  }

  @Test("Requests share a run, keep its credential until it expires, and a cancelled one does not wait")
  func caching() async throws {
    let folder = try TemporaryFolder()
    let go = "\(folder.path)/go"
    let script = """
      echo run >> '\(folder.path)/runs'
      while [ ! -e '\(go)' ]; do sleep 0.05; done
      cat '\(folder.path)/credential'
      """
    try folder.write(Self.credential("one", expires: Date(timeIntervalSinceNow: 600)), to: "credential")
    let source = try Self.source(folder, script: script)
    func runs() -> Int {
      ((try? String(contentsOfFile: "\(folder.path)/runs", encoding: .utf8)) ?? "").split(separator: "\n").count
    }
    let cancelled = Task { try await source.credential() }
    let others = (0..<5).map { _ in Task { try await source.credential().token } }
    try await eventually { runs() == 1 }
    cancelled.cancel()
    await #expect(throws: CancellationError.self) { try await cancelled.value }
    try folder.write("", to: "go")
    for other in others { #expect(try await other.value == "one") }
    let first = try await source.credential()
    #expect(runs() == 1)
    // One that the server refused is asked for anew; that one is about to expire, so it serves one request.
    try folder.write(Self.credential("two", expires: Date(timeIntervalSinceNow: 1)), to: "credential")
    source.discard(first)
    #expect(try await source.credential().token == "two")
    try folder.write(Self.credential("three"), to: "credential")
    #expect(try await source.credential().token == "three")
    // Not the one that is refused: another came meanwhile.
    source.discard(first)
    #expect(try await source.credential().token == "three")
    #expect(runs() == 3)
  }

  @Test("A token that the server refuses is replaced once, for a write as for a read", arguments: [true, false])
  func unauthorized(isWrite: Bool) async throws {
    let folder = try TemporaryFolder()
    let valid = Mutex("Bearer 2")
    let seen = Mutex<[String]>([])
    let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse = { request in
      let token = request.headers[.authorization] ?? ""
      seen.withLock { $0.append(token) }
      return token == valid.withLock { $0 } ? .json("{}") : .json("{}", status: .unauthorized)
    }
    let script = """
      echo run >> '\(folder.path)/runs'
      printf '%s' '\(Self.credential("N"))' | sed "s/N/$(wc -l < '\(folder.path)/runs' | tr -d ' ')/"
      """
    try await TestServer.run(handler) { server in
      let configuration = try Self.configuration(folder, script: script, server: server)
      let client = KubernetesClient(configuration: configuration)
      func ask() async throws {
        guard isWrite else { return _ = try await client.version() }
        try await client.delete(.secrets, namespace: "n", name: "x")
      }
      try await ask()
      #expect(seen.withLock { $0 } == ["Bearer 1", "Bearer 2"])
      valid.withLock { $0 = "none" }
      let status = await apiStatus { try await ask() }
      #expect(status?.code == 401)
      #expect(seen.withLock { $0 } == ["Bearer 1", "Bearer 2", "Bearer 2", "Bearer 3"])
    }
  }

  @Test("A certificate from a plugin is who we are to a real API server")
  func clientCertificate() async throws {
    let server = try RealServer()
    let folder = try TemporaryFolder()
    let script = """
      cd '\(server.folder)'
      pem() { awk '{printf "%s\\\\n", $0}' "$1"; }
      printf '{"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1beta1", "status": {"clientCertificateData": "%s", "clientKeyData": "%s"}}' "$(pem client.crt)" "$(pem client.key)"
      """
    try folder.write("#!/bin/sh\n\(script)\n", to: "plugin")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(folder.path)/plugin")
    let client = try server.client(
      cluster: ["certificate-authority": .string("\(server.folder)/apiserver.crt")],
      user: ["exec": ["command": "./plugin", "apiVersion": "client.authentication.k8s.io/v1beta1"]],
      in: folder
    )
    #expect(try await client.get(.namespaces, namespace: nil, name: "default").name == "default")
  }

  private static func credential(_ token: String, version: ExecPlugin.Version = .v1, expires: Date? = nil) -> String {
    var status: JSONValue = ["token": .string(token)]
    if let expires { status["expirationTimestamp"] = .string(expires.formatted(.iso8601)) }
    let credential: JSONValue = ["apiVersion": .string(version.rawValue), "kind": "ExecCredential", "status": status]
    return credential.description
  }

  private static func source(
    _ folder: TemporaryFolder,
    script: String,
    version: ExecPlugin.Version = .v1,
    exec: [String: JSONValue] = [:]
  ) throws -> ExecCredentialSource {
    let configuration = try configuration(folder, script: script, version: version, exec: exec)
    guard case .exec(let source) = configuration.credential else { throw CancellationError() }
    return source
  }

  private static func configuration(
    _ folder: TemporaryFolder,
    script: String,
    server: String = "https://127.0.0.1:1",
    version: ExecPlugin.Version = .v1,
    exec: [String: JSONValue] = [:]
  ) throws -> ClusterConfiguration {
    try folder.write("#!/bin/sh\n\(script)\n", to: "plugin")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(folder.path)/plugin")
    let plugin: [String: JSONValue] = [
      "command": "./plugin", "apiVersion": .string(version.rawValue), "interactiveMode": "IfAvailable",
    ]
    let cluster: JSONValue = [
      "server": .string(server),
      "extensions": [["name": "client.authentication.k8s.io/exec", "extension": ["audience": "x"]]],
      "certificate-authority-data": "LS0tLS1CRUdJTiA=",
    ]
    let user: JSONValue = ["exec": .object(plugin.merging(exec) { $1 })]
    let config: JSONValue = [
      "current-context": "x",
      "clusters": [["name": "c", "cluster": cluster]],
      "users": [["name": "u", "user": user]],
      "contexts": [["name": "x", "context": ["cluster": "c", "user": "u"]]],
    ]
    return try .kubeconfig(paths: [try folder.write(config.description, to: "config")])
  }
}
