import Foundation
import Kubernetes
import KubernetesRuntime
import MilvusTLS
import Synchronization

/// One stream of a pod's log: read from its start while the container runs, its end where the container has crashed.
struct PodLogReading: Sendable {
  enum Outcome: Sendable, Equatable {
    case verdict(Verdict)
    /// The stream ended before the log told: the kubelet rotated the log, restarted, or the container ended.
    case ended
    /// It says nothing new while others wait for a stream.
    case yielded
  }

  /// When to stop waiting.
  struct Patience: Sendable {
    /// A log that tells, and then nothing more for so long, has told.
    var quiet: Duration = .seconds(2)
    /// How long a log may go on without telling before that is a problem: other evidence is used then.
    var hearing: Duration = .seconds(10)
    /// How long a stream lasts at the most when others wait, and the end of a crashed container's log always.
    var turn: Duration = .seconds(30)
  }

  /// How far the reading of a running container's log is; one task reads, another looks at the clock.
  private final class Progress: Sendable {
    struct State {
      var scanner: LogScanner
      var lastBytes: ContinuousClock.Instant?
    }

    let state: Mutex<State>

    init(startedAt: Date?) {
      state = Mutex(State(scanner: LogScanner(startedAt: startedAt)))
    }

    func consume(_ chunk: [UInt8]) -> Verdict? {
      state.withLock { state in
        state.lastBytes = .now
        return state.scanner.consume(chunk)
      }
    }
  }

  let pod: ObservedPod
  /// Whether internal TLS is specified.
  let isOfInternalTLS: Bool
  let client: KubernetesClient
  let semaphore: FairSemaphore
  let patience: Patience

  private var release: ObjectKey { ObjectKey(namespace: pod.namespace, name: pod.milvus) }

  /// - Parameter note: called once with why the log does not tell, while it is still read.
  /// - Throws: `KubernetesError`, `PodLogError`, `CancellationError`.
  func run(noting note: @escaping @Sendable (PodLogError) async -> Void) async throws -> Outcome {
    try await semaphore.withPermit(for: release) {
      if let crash = pod.crash { return .verdict(try await readEnd(of: crash)) }
      return try await follow(note)
    }
  }

  // MARK: A container that runs

  private func follow(_ note: @escaping @Sendable (PodLogError) async -> Void) async throws -> Outcome {
    let progress = Progress(startedAt: pod.startedAt)
    return try await withThrowingTaskGroup(of: Outcome.self) { group in
      group.addTask { try await read(into: progress) }
      group.addTask { try await watch(progress, note) }
      defer { group.cancelAll() }
      return try await group.next() ?? .ended
    }
  }

  private func read(into progress: Progress) async throws -> Outcome {
    let log = try await client.logs(
      namespace: pod.namespace,
      pod: pod.name,
      container: pod.container,
      follow: true,
      limitBytes: LogScanner.byteLimit
    )
    for try await chunk in log {
      if let verdict = progress.consume(chunk) { return .verdict(verdict) }
    }
    // A stream that broke off right behind `value=true` may have had a fault to tell.
    return progress.state.withLock { $0.scanner.refutation }.map(Outcome.verdict) ?? .ended
  }

  /// Ends the stream when the log has told and is quiet, or others wait and it has had its turn.
  private func watch(
    _ progress: Progress,
    _ note: @Sendable (PodLogError) async -> Void
  ) async throws -> Outcome {
    let start = ContinuousClock.now
    var isNoted = false
    while true {
      try await Task.sleep(for: patience.quiet)
      let (lastBytes, settled) = progress.state.withLock { ($0.lastBytes, $0.scanner.settle()) }
      let isQuiet = lastBytes.map { $0.duration(to: .now) >= patience.quiet } ?? false
      if isQuiet, let settled { return .verdict(settled) }
      let time = start.duration(to: .now)
      var isLeft = false
      if isQuiet || time >= patience.turn { isLeft = await semaphore.isWanted(of: release) }
      if settled == nil, !isNoted, isLeft || time >= patience.hearing {
        isNoted = true
        await note(lastBytes == nil ? .silent(patience.hearing) : .withoutLine)
      }
      if isLeft { return .yielded }
    }
  }

  // MARK: A container that has crashed

  private func readEnd(of crash: ContainerCrash) async throws -> Verdict {
    try await withThrowingTaskGroup(of: Verdict.self) { group in
      group.addTask { try await scanEnd(of: crash) }
      group.addTask {
        try await Task.sleep(for: patience.turn)
        throw PodLogError.slow(patience.turn)
      }
      defer { group.cancelAll() }
      guard let verdict = try await group.next() else { throw CancellationError() }
      return verdict
    }
  }

  private func scanEnd(of crash: ContainerCrash) async throws -> Verdict {
    var scanner = CrashLogScanner(isOfInternalTLS: isOfInternalTLS)
    let log = try await client.logs(
      namespace: pod.namespace,
      pod: pod.name,
      container: pod.container,
      follow: false,
      previous: crash.isPrevious,
      tailLines: CrashLogScanner.lineCount,
      limitBytes: LogScanner.byteLimit
    )
    for try await chunk in log { scanner.consume(chunk) }
    return scanner.verdict(on: crash)
  }
}

/// A log that cannot be read for now.
enum PodLogError: Error, CustomStringConvertible {
  case silent(Duration)
  case withoutLine
  case ended
  case slow(Duration)

  var description: String {
    switch self {
    case .silent(let time): "no byte of the log has come in \(time.components.seconds) s"
    case .withoutLine: "it has no line about internal TLS yet"
    case .ended: "it ended before it told about internal TLS"
    case .slow(let time): "the end of the crashed container's log has not come in \(time.components.seconds) s"
    }
  }
}
