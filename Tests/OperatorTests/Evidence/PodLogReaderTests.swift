import Foundation
import Kubernetes
import KubernetesRuntime
import Logging
import MilvusTLS
import Synchronization
import TestSupport
import Testing

@testable import Operator

@Suite(.timeLimit(.minutes(5))) struct PodLogReaderTests {
  private static let yes =
    #"[2024/12/03 10:22:33.123 +00:00] [INFO] [utils/util.go:56] ["Internal TLS Enabled"] [value=true]"#
  private static let fault =
    #"[2024/12/03 10:22:33.124 +00:00] [WARN] [utils/util.go:43] ["proxy can't create creds"] [error="open x"]"#
  private static let settled = #"[2024/12/03 10:22:50.123 +00:00] [INFO] [a.go:1] [ready]"#
  private static let rotated = #"[2024/12/03 12:22:33.123 +00:00] [INFO] [a.go:1] [search]"#

  private func reader(
    _ url: String,
    semaphore: FairSemaphore? = nil,
    patience: PodLogReading.Patience = .init(quiet: .milliseconds(50), turn: .seconds(60))
  ) throws -> PodLogReader {
    let client = KubernetesClient(configuration: try .plain(server: url), logger: .silent)
    return PodLogReader(
      client: client,
      logger: .silent,
      semaphore: semaphore ?? FairSemaphore(limit: 16, limitPerKey: 4),
      patience: patience
    ) { _ in }
  }

  private func verdict(on pod: ObservedPod, by reader: PodLogReader) async throws -> Verdict? {
    await reader.read(pod)
    let verdict = Mutex<Verdict?>(nil)
    try await eventually("the log of \(pod.name) has told") {
      let known = await reader.evidence(of: Observation(now: Date(), milvus: nil, pods: [pod]), for: ObjectKey(pod))
        .logs[pod.run]
      verdict.withLock { $0 = known }
      return known != nil
    }
    return verdict.withLock(\.self)
  }

  private static func lines(_ lines: String...) -> [UInt8] { Array((lines.joined(separator: "\n") + "\n").utf8) }

  /// Pieces, and then silence with the stream open.
  private static func log(_ pieces: [[UInt8]], thenEnds: Bool = false) -> LogServer.Log {
    { piece in
      if piece < pieces.count { return pieces[piece] }
      if !thenEnds { try await Task.sleep(for: .seconds(3600)) }
      return nil
    }
  }

  private static func noise(_ piece: Int) -> [UInt8]? {
    // 2 GiB in all.
    piece < 32768 ? [UInt8](repeating: UInt8(ascii: piece % 16 == 0 ? "\n" : "x"), count: 64 << 10) : nil
  }

  @Test func ofALogOfTwoGibibytesOnlyTheStartIsTransferred() async throws {
    let log: LogServer.Log = { piece in
      piece == 0 ? Self.lines(Self.yes, Self.settled) : Self.noise(piece)
    }
    try await LogServer.run(logs: { _, _ in log }) { server, url in
      let reader = try reader(url)
      #expect(try await verdict(on: testPod(), by: reader) == .confirmed(evidence: Self.yes))
      #expect(server.sent < LogScanner.byteLimit)
      #expect(server.requests == ["p container=c follow=true limitBytes=\(LogScanner.byteLimit)"])
      await reader.stop()
    }
  }

  @Test func aServerThatSendsMoreThanTheLimitIsCutOff() async throws {
    try await LogServer.run(logs: { _, _ in { Self.noise($0) } }) { server, url in
      let reader = try reader(url)
      guard case .unknown(let reason) = try await verdict(on: testPod(), by: reader) else {
        Issue.record("a log without the line tells nothing")
        return
      }
      #expect(reason.contains("8 MiB"))
      // What waits in the sockets' buffers has been sent, too.
      #expect(server.sent < 3 * LogScanner.byteLimit)
      await reader.stop()
    }
  }

  @Test func theVerdictWaitsForWhatFollowsTheLineAndThenForQuietOnly() async throws {
    try await LogServer.run(logs: { pod, _ in
      Self.log(pod == "good" ? [Self.lines(Self.yes)] : [Self.lines(Self.yes), Self.lines(Self.fault)])
    }) { _, url in
      let reader = try reader(url)
      #expect(try await verdict(on: testPod("good"), by: reader) == .confirmed(evidence: Self.yes))
      #expect(try await verdict(on: testPod("bad"), by: reader) == .refuted(evidence: Self.fault))
      await reader.stop()
    }
  }

  @Test func aStreamThatBreaksOffBehindTheLineIsReadAgain() async throws {
    let tries = Mutex(0)
    try await LogServer.run(logs: { _, _ in
      let count = tries.withLock { tries in
        tries += 1
        return tries
      }
      return Self.log([Self.lines(Self.yes)] + (count == 1 ? [] : [Self.lines(Self.fault)]), thenEnds: true)
    }) { _, url in
      let reader = try reader(url, patience: .init(quiet: .seconds(60), turn: .seconds(60)))
      #expect(try await verdict(on: testPod(), by: reader) == .refuted(evidence: Self.fault))
      await reader.stop()
    }
  }

  @Test func aRotatedLogIsUnknownAndGivenUpAtOnce() async throws {
    try await LogServer.run(logs: { _, _ in Self.log([Self.lines(Self.rotated, Self.yes)]) }) { server, url in
      let reader = try reader(url)
      guard case .unknown(let reason) = try await verdict(on: testPod(), by: reader) else {
        Issue.record("a rotated log proves nothing")
        return
      }
      #expect(reason.contains("rotated"))
      await reader.read(try testPod())
      #expect(server.requests.count == 1)
      await reader.stop()
    }
  }

  @Test(arguments: [
    (#"{"waiting":{"reason":"CrashLoopBackOff"}}"#, "p container=c limitBytes=8388608 previous=true tailLines=500"),
    (#"{"terminated":{"exitCode":1}}"#, "p container=c limitBytes=8388608 tailLines=500"),
  ])
  func ofACrashedContainerTheEndedRunsLastLinesAreRead(state: String, request: String) async throws {
    let log = Self.log([Self.lines(Self.yes), Array(Self.fault.utf8)], thenEnds: true)
    try await LogServer.run(logs: { _, _ in log }) { server, url in
      let reader = try reader(url)
      let pod = try testPod(state: try .init(parsing: state))
      #expect(try await verdict(on: pod, by: reader) == .refuted(evidence: Self.fault))
      #expect(server.requests == [request])
      await reader.stop()
    }
  }

  @Test func aCrashTakesTheReadingOverFromTheRunThatWasFollowed() async throws {
    try await LogServer.run(logs: { _, query in
      query["follow"] == nil ? Self.log([Self.lines(Self.fault)], thenEnds: true) : Self.log([Self.lines("starting")])
    }) { server, url in
      let reader = try reader(url)
      await reader.read(try testPod())
      try await eventually("the log is followed") { server.requests.count == 1 }
      let crashed = try testPod(state: ["waiting": ["reason": "CrashLoopBackOff"]])
      #expect(try await verdict(on: crashed, by: reader) == .refuted(evidence: Self.fault))
      await reader.stop()
    }
  }

  @Test func aSlowReleaseDelaysNoOther() async throws {
    try await LogServer.run(logs: { pod, _ in
      Self.log(pod.hasPrefix("slow") ? [] : [Self.lines(Self.yes, Self.settled)])
    }) { server, url in
      let reader = try reader(url)
      for number in 0..<40 { await reader.read(try testPod("slow-\(number)", of: "slow")) }
      try await eventually("the slow release has its streams") { server.requests.count == 4 }
      for number in 0..<20 {
        let pod = try testPod("fast-\(number)", of: "fast-\(number % 5)")
        #expect(try await verdict(on: pod, by: reader) == .confirmed(evidence: Self.yes))
      }
      #expect(server.requests.count { $0.hasPrefix("slow") } == 4)
      await reader.stop()
    }
  }

  @Test func noMoreThanSixteenStreamsAreOpen() async throws {
    try await LogServer.run(logs: { _, _ in Self.log([]) }) { server, url in
      let semaphore = FairSemaphore(limit: 16, limitPerKey: 4)
      let reader = try reader(url, semaphore: semaphore, patience: .init(quiet: .seconds(60), turn: .seconds(60)))
      for number in 0..<60 { await reader.read(try testPod("p-\(number)", of: "r\(number % 10)")) }
      try await eventually("44 wait") { await semaphore.waiting == 44 }
      try await eventually("16 are read") { server.requests.count == 16 }
      await reader.stop()
      try await eventually("nobody waits any more") { await semaphore.waiting == 0 }
    }
  }

  @Test func logsThatSayNothingNewMakeRoomForOthers() async throws {
    try await LogServer.run(logs: { pod, _ in
      Self.log([Self.lines(pod == "last" ? Self.yes : "starting")])
    }) { _, url in
      let reader = try reader(url)
      for number in 0..<60 { await reader.read(try testPod("p-\(number)", of: "r\(number % 10)")) }
      #expect(try await verdict(on: testPod("last", of: "r0"), by: reader) == .confirmed(evidence: Self.yes))
      await reader.stop()
    }
  }

  /// What a log is, of which nothing can be learned, and the problem that is told meanwhile.
  private static let silentLogs: [(name: String, log: LogServer.Log, problem: String)] = [
    ("nothing", log([]), "no byte of the log has come in 2 s"),
    ("a banner, then silence", log([lines("Welcome to use Milvus!")]), "it has no line about internal TLS yet"),
    (
      "JSON of another shape", log([lines(#"{"severity":"INFO","text":"Internal TLS Enabled","value":true}"#)]),
      "it has no line about internal TLS yet"
    ),
    ("a stream that ends", log([lines("starting")], thenEnds: true), "it ended before it told about internal TLS"),
  ]

  @Test(arguments: silentLogs.indices)
  func aLogThatDoesNotTellIsAProblemThatIsTold(index: Int) async throws {
    let (name, log, problem) = Self.silentLogs[index]
    try await LogServer.run(logs: { _, _ in log }) { _, url in
      let patience = PodLogReading.Patience(quiet: .milliseconds(10), hearing: .seconds(2), turn: .seconds(60))
      let reader = try reader(url, patience: patience)
      let pod = try testPod()
      await reader.read(pod)
      try await eventually("\(name) is told") {
        let observation = Observation(now: Date(), milvus: nil, pods: [pod])
        return await reader.evidence(of: observation, for: ObjectKey(pod)).logProblems[pod.run] == problem
      }
      await reader.stop()
    }
  }

  @Test func aLogThatTellsLateEndsTheProblem() async throws {
    let isLate = Mutex(false)
    let log: LogServer.Log = { piece in
      if piece == 0 { return Self.lines("starting") }
      if piece > 1 { try await Task.sleep(for: .seconds(3600)) }
      while !isLate.withLock(\.self) { await Task.yield() }
      return Self.lines(Self.yes)
    }
    try await LogServer.run(logs: { _, _ in log }) { _, url in
      let patience = PodLogReading.Patience(quiet: .milliseconds(10), hearing: .milliseconds(100), turn: .seconds(60))
      let reader = try reader(url, patience: patience)
      let pod = try testPod()
      await reader.read(pod)
      func evidence() async -> Evidence {
        await reader.evidence(of: Observation(now: Date(), milvus: nil, pods: [pod]), for: ObjectKey(pod))
      }
      try await eventually("the problem is told") { await evidence().logProblems[pod.run] != nil }
      isLate.withLock { $0 = true }
      try await eventually("the log has told") {
        let evidence = await evidence()
        return evidence.logs[pod.run] == .confirmed(evidence: Self.yes) && evidence.logProblems.isEmpty
      }
      await reader.stop()
    }
  }
}

extension ObjectKey {
  fileprivate init(_ pod: ObservedPod) { self.init(namespace: pod.namespace, name: pod.milvus) }
}
