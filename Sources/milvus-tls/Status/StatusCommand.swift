import ArgumentParser
import Foundation
import JSON
import KubernetesRuntime
import MilvusTLS
import Observability
import Operator

/// `milvus-tls status`: prints the state of every Milvus with TLS, or of one.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show the TLS of every Milvus in a namespace, or of one.",
    discussion: """
      REASON says why a Milvus is not Ready, or else why it is not Verified; -o wide adds the message and absolute times.

      Examples:
        milvus-tls status
        milvus-tls status -A -o wide
        milvus-tls status my-release --watch
        milvus-tls status my-release -o json
      """
  )

  @Argument(help: "Name of the Milvus or of its MilvusTLS. Default: all.", completion: .releases)
  var name: String?

  @Flag(name: [.customShort("A"), .long], help: "List all namespaces.")
  var allNamespaces = false

  @Flag(name: .shortAndLong, help: "Watch for changes after printing the present state.")
  var watch = false

  @Option(name: .shortAndLong, help: "Output format.")
  var output: StatusFormat = .table

  @OptionGroup
  var namespaced: NamespaceOptions

  private var table: StatusTable { StatusTable(hasNamespaces: allNamespaces, isWide: output == .wide) }

  func validate() throws {
    if allNamespaces, name != nil { throw ValidationError("NAME and --all-namespaces exclude each other") }
    if allNamespaces, namespaced.namespace != nil {
      throw ValidationError("--namespace and --all-namespaces exclude each other")
    }
  }

  func run() async throws {
    let release = try namespaced.release(name ?? "")
    let statuses = try await statuses(release)
    if watch { endQuietlyOnInterrupt() }
    if statuses.isEmpty, output.document == nil {
      StandardError.write("No resources found\(allNamespaces ? "" : " in \(release.namespace) namespace.")\n")
    } else {
      try write(all: statuses)
    }
    if watch { try await follow(release, from: statuses) }
  }

  private func statuses(_ release: Release) async throws -> [ReleaseStatus] {
    guard name == nil else { return [ReleaseStatus(try await release.milvusTLS())] }
    let all = try await release.client.allMilvusTLS(namespace: allNamespaces ? nil : release.namespace)
    return all.map(ReleaseStatus.init).sorted {
      ($0.namespace, $0.milvus, $0.milvusTLS) < ($1.namespace, $1.milvus, $1.milvusTLS)
    }
  }

  /// Ctrl-C is the way to end a watch, and no failure.
  private func endQuietlyOnInterrupt() {
    signal(SIGINT) { _ in _exit(0) }
  }

  // MARK: Watch

  private enum Change: Sendable {
    case status(ObjectKey, ReleaseStatus?)
    /// The first list is complete.
    case synced
  }

  /// Prints each status that differs from the last one printed for its MilvusTLS.
  private func follow(_ release: Release, from statuses: [ReleaseStatus]) async throws {
    let (changes, continuation) = AsyncStream.makeStream(of: Change.self)
    let informer = Informer(
      client: release.client,
      resource: .milvusTLS,
      namespaces: allNamespaces ? [] : [release.namespace],
      logger: ClusterOptions.logger,
      transform: { ObservedMilvusTLS($0.json).map(ReleaseStatus.init) },
      onChange: { key, _, after in continuation.yield(.status(key, after)) }
    )
    var shown = Dictionary(statuses.map { ($0.key, $0) }) { $1 }
    let milvus = name == nil ? nil : statuses.first?.milvus
    try await withThrowingDiscardingTaskGroup { group in
      group.addTask { await informer.run() }
      group.addTask {
        await informer.waitUntilSynced()
        continuation.yield(.synced)
      }
      for await change in changes {
        switch change {
        case .status(let key, let status):
          if let milvus, status.map({ $0.milvus != milvus }) ?? (shown[key] == nil) { continue }
          try show(status, key, &shown)
        case .synced:
          for key in shown.keys where informer.store[key] == nil { try show(nil, key, &shown) }
        }
      }
    }
  }

  private func show(_ status: ReleaseStatus?, _ key: ObjectKey, _ shown: inout [ObjectKey: ReleaseStatus]) throws {
    guard shown[key] != status else { return }
    shown[key] = status
    guard let status else { return StandardError.write("Warning: MilvusTLS \(key) was deleted\n") }
    if let format = output.document { return try write(format.separator + format.text(status.json, table: "")) }
    // The other rows keep the columns where they are.
    let lines = table.lines(shown.values.filter { $0.key != key } + [status], now: Date())
    try write(lines.suffix(1))
  }

  // MARK: Output

  private func write(all statuses: [ReleaseStatus]) throws {
    guard let format = output.document else { return try write(table.lines(statuses, now: Date())) }
    if watch {
      // One document each, as for the changes that follow.
      return try write(statuses.map { try format.text($0.json, table: "") }.joined(separator: format.separator))
    }
    let document = name == nil ? .array(statuses.map(\.json)) : statuses.first?.json ?? .null
    try write(format.text(document, table: ""))
  }

  private func write(_ lines: some Sequence<String>) throws {
    try write(lines.map { $0 + "\n" }.joined())
  }

  /// Writes without buffering: a program may read the output of `--watch` line by line.
  private func write(_ text: String) throws {
    try StandardOutput.write(text)
  }
}

extension ReleaseStatus {
  /// Of the MilvusTLS.
  fileprivate var key: ObjectKey { ObjectKey(namespace: namespace, name: milvusTLS) }
}
