import Foundation
import JSON
import Subprocess

/// A program that provides credentials: the `exec` member of a kubeconfig user.
///
/// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
struct ExecPlugin: Sendable {
  enum Version: String, Sendable, CaseIterable {
    case v1 = "client.authentication.k8s.io/v1"
    case v1beta1 = "client.authentication.k8s.io/v1beta1"
  }

  private static let outputLimit = 1 << 20
  /// Maximum number of characters of the program's standard error in an error.
  private static let excerptLength = 512

  /// Location in the kubeconfig, for errors.
  let source: String
  let version: Version
  /// A path, or a name to search in `PATH`.
  let command: String
  let arguments: [String]
  let environment: [String: String]
  /// Cluster information for the program; nil if it does not request it.
  let cluster: JSONValue?
  let installHint: String?
  var timeout = Duration.seconds(60)

  /// Runs the program, without a shell and without input.
  /// - Throws: `KubernetesError.configuration` with the program's standard error, never with its output;
  ///   `CancellationError`, after killing the program.
  func run() async throws -> ExecCredential {
    let output = try await limited { try await execute() }
    do {
      return try ExecCredential(parsing: output, version: version)
    } catch let error as ExecCredential.Malformed {
      throw failure(error.reason)
    }
  }

  private func execute() async throws -> [UInt8] {
    var options = PlatformOptions()
    // A new session, so that the program's children are terminated with it.
    options.createSession = true
    options.teardownSequence = [.send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(1))]
    do {
      let result = try await Subprocess.run(
        command.contains("/") ? .path(.init(command)) : .name(command),
        arguments: Arguments(arguments),
        environment: .inherit.updating(variables),
        platformOptions: options,
        output: .bytes(limit: Self.outputLimit),
        error: .bytes(limit: Self.outputLimit)
      )
      guard result.terminationStatus.isSuccess else {
        throw failure("\(result.terminationStatus): \(Self.excerpt(result.standardError))")
      }
      return result.standardOutput
    } catch let error as SubprocessError {
      try Task.checkCancellation()
      let hint = installHint.map { "; \($0)" } ?? ""
      throw failure(error.code == .outputLimitExceeded ? "printed too much" : "cannot be run\(hint)")
    }
  }

  private var variables: [Environment.Key: String?] {
    var info: JSONValue = [
      "apiVersion": .string(version.rawValue), "kind": "ExecCredential", "spec": ["interactive": false],
    ]
    if let cluster { info["spec"] = ["interactive": false, "cluster": cluster] }
    var variables: [Environment.Key: String?] = [:]
    for (name, value) in environment {
      if let key = Environment.Key(rawValue: name) { variables[key] = value }
    }
    variables["KUBERNETES_EXEC_INFO"] = info.description
    return variables
  }

  private func limited(_ operation: @escaping @Sendable () async throws -> [UInt8]) async throws -> [UInt8] {
    try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
      group.addTask { try await operation() }
      group.addTask {
        try await Task.sleep(for: timeout)
        return nil
      }
      defer { group.cancelAll() }
      guard let output = try await group.next() ?? nil else { throw failure("no answer within \(timeout)") }
      return output
    }
  }

  private func failure(_ reason: String) -> KubernetesError {
    .configuration("\(source): \(command): \(reason)")
  }

  /// The start of the program's standard error, on one line.
  private static func excerpt(_ bytes: [UInt8]) -> String {
    let words = String(decoding: bytes.prefix(4 * excerptLength), as: UTF8.self).split(whereSeparator: \.isWhitespace)
    let line = words.joined(separator: " ")
    return line.count > excerptLength ? line.prefix(excerptLength) + "..." : line
  }
}
