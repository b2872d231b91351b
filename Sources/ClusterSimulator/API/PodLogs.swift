import JSON

/// Output of the containers of the simulated pods, and its followers.
public actor PodLogs {
  private struct Address: Hashable {
    let uid: String
    let container: String
  }

  private var lines: [Address: [String]] = [:]
  /// Output before the last restarts.
  private var previousLines: [Address: [String]] = [:]
  private var followers: [Address: [Int: AsyncThrowingStream<[UInt8], any Error>.Continuation]] = [:]
  private var lastFollower = 0

  init() {}

  /// Appends a line that a container prints.
  public func append(_ line: String, uid: String, container: String) {
    let address = Address(uid: uid, container: container)
    lines[address, default: []].append(line)
    for follower in (followers[address] ?? [:]).values { follower.yield(Array((line + "\n").utf8)) }
  }

  /// Ends the followers' streams of a deleted pod.
  public func remove(uid: String) {
    for address in followers.keys.filter({ $0.uid == uid }) { endStreams(of: address) }
    lines = lines.filter { $0.key.uid != uid }
    previousLines = previousLines.filter { $0.key.uid != uid }
  }

  /// Starts a new log for a restarted container and keeps the previous one.
  public func restart(uid: String, container: String) {
    let address = Address(uid: uid, container: container)
    previousLines[address] = lines.removeValue(forKey: address)
    endStreams(of: address)
  }

  private func endStreams(of address: Address) {
    for follower in (followers.removeValue(forKey: address) ?? [:]).values { follower.finish() }
  }

  /// Drops the first lines, as a kubelet does that rotates the file.
  public func rotate(uid: String, container: String) {
    lines[Address(uid: uid, container: container)] = []
  }

  /// Output of a container before its last restart; nil if it was not restarted.
  /// - Parameter tail: number of lines from the end to start with; nil for all.
  func openPrevious(uid: String, container: String, tail: Int?) -> AsyncThrowingStream<[UInt8], any Error>? {
    previousLines[Address(uid: uid, container: container)].map { lines in
      let (stream, continuation) = Self.stream(lines, tail: tail)
      continuation.finish()
      return stream
    }
  }

  /// Output of a container; with `follow`, including future output.
  /// - Parameter tail: number of lines from the end to start with; nil for all.
  func open(uid: String, container: String, follow: Bool, tail: Int?) -> AsyncThrowingStream<[UInt8], any Error> {
    let address = Address(uid: uid, container: container)
    let (stream, continuation) = Self.stream(lines[address] ?? [], tail: tail)
    guard follow else {
      continuation.finish()
      return stream
    }
    lastFollower += 1
    let id = lastFollower
    followers[address, default: [:]][id] = continuation
    continuation.onTermination = { [weak self] _ in
      Task { await self?.forget(id, at: address) }
    }
    return stream
  }

  private static func stream(
    _ lines: [String],
    tail: Int?
  ) -> (stream: AsyncThrowingStream<[UInt8], any Error>, AsyncThrowingStream<[UInt8], any Error>.Continuation) {
    let (stream, continuation) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
    for line in tail.map({ lines.suffix($0) }) ?? lines[...] { continuation.yield(Array((line + "\n").utf8)) }
    return (stream, continuation)
  }

  private func forget(_ id: Int, at address: Address) {
    followers[address]?[id] = nil
  }
}

/// One request for a pod's log
/// (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-read-log).
struct PodLogRequest: Sendable {
  let follow: Bool
  let previous: Bool
  let container: String?
  let tail: Int?
  let limitBytes: Int?

  init(_ query: Query) throws {
    follow = query.flag("follow")
    previous = query.flag("previous")
    container = query["container"]
    tail = try query.integer("tailLines")
    limitBytes = try query.integer("limitBytes")
    if let limitBytes, limitBytes < 1 { throw ServerStatus.badRequest("limitBytes must be greater than 0") }
  }

  /// - Throws: `ServerStatus` if the container is not specified, unknown or not started.
  func open(of pod: JSONValue, in logs: PodLogs) async throws -> AsyncThrowingStream<[UInt8], any Error> {
    let container = try containerName(in: pod)
    let states = pod[path: "status", "containerStatuses"]?.array ?? []
    let state = states.first { $0["name"]?.string == container }
    if let reason = state?[path: "state", "waiting", "reason"]?.string, reason == "ContainerCreating" {
      throw ServerStatus.badRequest(
        "container \"\(container)\" in pod \"\(pod.name)\" is waiting to start: \(reason)"
      )
    }
    // While a container waits for its restart, its last run is both the current and the previous one.
    let hasEnded = state?[path: "state", "waiting"] != nil
    guard previous, !hasEnded else {
      return limited(await logs.open(uid: pod.uid, container: container, follow: follow && !hasEnded, tail: tail))
    }
    guard let stream = await logs.openPrevious(uid: pod.uid, container: container, tail: tail) else {
      throw ServerStatus.badRequest("previous terminated container \"\(container)\" in pod \"\(pod.name)\" not found")
    }
    return limited(stream)
  }

  private func limited(_ stream: AsyncThrowingStream<[UInt8], any Error>) -> AsyncThrowingStream<[UInt8], any Error> {
    limitBytes.map { Self.limited(stream, to: $0) } ?? stream
  }

  private func containerName(in pod: JSONValue) throws -> String {
    let names = (pod[path: "spec", "containers"]?.array ?? []).compactMap { $0["name"]?.string }
    if let container {
      guard names.contains(container) else {
        throw ServerStatus.badRequest("container \(container) is not valid for pod \(pod.name)")
      }
      return container
    }
    guard names.count == 1 else {
      throw ServerStatus.badRequest(
        "a container name must be specified for pod \(pod.name), choose one of: [\(names.joined(separator: " "))]"
      )
    }
    return names[0]
  }

  private static func limited(
    _ stream: AsyncThrowingStream<[UInt8], any Error>,
    to limit: Int
  ) -> AsyncThrowingStream<[UInt8], any Error> {
    let (limited, continuation) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
    let pump = Task {
      var remaining = limit
      do {
        for try await chunk in stream where remaining > 0 {
          continuation.yield(Array(chunk.prefix(remaining)))
          remaining -= chunk.count
          if remaining <= 0 { break }
        }
        continuation.finish()
      } catch {
        continuation.finish(throwing: error)
      }
    }
    continuation.onTermination = { _ in pump.cancel() }
    return limited
  }
}
