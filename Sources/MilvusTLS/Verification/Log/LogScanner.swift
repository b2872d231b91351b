import Foundation

/// Finds Milvus's line on internal TLS in a log that arrives in pieces, in memory of one line at the most.
///
/// Milvus writes the line once per gRPC server start, near the start of the log, **before** it reads its certificates. A server that then
/// cannot use them goes on without TLS. So the line alone is not the verdict: what follows is looked at, too, until the log's own clock
/// is `settlingTime` further, `settlingBytes` have come, or the reader calls `settle()` because nothing more comes. Until then one
/// `value=false` or one fault outweighs every `value=true`.
///
/// A log that does not begin with the container's start (`startedAt`) has been rotated: it proves nothing, whatever it says. Milvus's
/// banner, or a first line of about that time, tells the start.
public struct LogScanner: Sendable {
  /// How much of a log is read, in bytes.
  public static let byteLimit = 8 << 20
  /// How long after the line faults still count, in seconds of the log's own clock; all servers of a process start within it.
  static let settlingTime = 10.0
  /// How many bytes after the line are looked at, where the log's clock does not tell.
  static let settlingBytes = 512 << 10
  /// How much later than its container Milvus may write its first line, in seconds.
  static let startTolerance = 60.0
  /// How long after the first line Milvus may take to write the one looked for, in seconds of the log's clock: servers wait for etcd.
  static let searchTime = 1800.0

  private struct Finding {
    var verdict: Verdict
    let time: Date?
    let offset: Int
  }

  private let startedAt: Date?
  private let limit: Int
  private var cutter = LogLineCutter()
  private var count = 0
  private var hasBanner = false
  private var firstTime: Date?
  private var finding: Finding?

  /// How much of the log is held.
  var bufferedBytes: Int { cutter.bufferedBytes }

  /// - Parameters:
  ///   - startedAt: the start of the container's present run; nil where it is not known.
  ///   - byteLimit: how much is read before the log counts as one that does not tell.
  public init(startedAt: Date? = nil, byteLimit: Int = LogScanner.byteLimit) {
    self.startedAt = startedAt
    limit = byteLimit
  }

  /// Whether a line has told, and what follows it is still looked at.
  public var isSettling: Bool { finding != nil }

  /// Takes the next piece of the log.
  /// - Returns: the verdict as soon as it is settled; then nothing more needs to be read.
  public mutating func consume(_ chunk: [UInt8]) -> Verdict? {
    var rest = chunk.prefix(limit - count)
    while !rest.isEmpty {
      let before = rest.count
      let line = cutter.next(in: &rest)
      count += before - rest.count
      if let line, let verdict = judge(line) { return verdict }
    }
    if let finding, count - finding.offset >= Self.settlingBytes { return finding.verdict }
    guard count >= limit else { return nil }
    if let refutation { return refutation }
    return .unknown(reason: "no certain line on internal TLS in the first \(limit >> 20) MiB of the log")
  }

  /// What the log says when nothing more has come for a while, as far as it has told anything.
  public func settle() -> Verdict? { finding?.verdict }

  /// What holds even where the log ended too early to be sure of `value=true`.
  public var refutation: Verdict? {
    if case .refuted = finding?.verdict { finding?.verdict } else { nil }
  }

  private mutating func judge(_ raw: RawLogLine) -> Verdict? {
    if MilvusLogLine.isBanner(raw) {
      // Milvus starts anew: what an earlier start said is over.
      hasBanner = true
      finding = nil
      return nil
    }
    guard let line = MilvusLogLine(raw) else { return nil }
    if let time = line.time, let verdict = judge(time) { return verdict }
    weigh(line)
    return nil
  }

  private mutating func judge(_ time: Date) -> Verdict? {
    guard let firstTime else {
      firstTime = time
      guard !hasBanner, let startedAt, time.timeIntervalSince(startedAt) > Self.startTolerance else { return nil }
      let gap = Int(time.timeIntervalSince(startedAt))
      return .unknown(reason: "the log's start was rotated away: it begins \(gap) s after the container's start")
    }
    if let finding {
      guard let found = finding.time, time.timeIntervalSince(found) >= Self.settlingTime else { return nil }
      return finding.verdict
    }
    guard time.timeIntervalSince(firstTime) > Self.searchTime else { return nil }
    return .unknown(reason: "no line on internal TLS in the first \(Int(Self.searchTime / 60)) minutes of the log")
  }

  private mutating func weigh(_ line: MilvusLogLine) {
    switch line.statement {
    case .enabled(true):
      if finding == nil {
        finding = Finding(verdict: .confirmed(evidence: line.evidence), time: line.time, offset: count)
      }
    case .enabled(false), .fault:
      guard refutation == nil else { return }
      let verdict = Verdict.refuted(evidence: line.evidence)
      finding?.verdict = verdict
      if finding == nil { finding = Finding(verdict: verdict, time: line.time, offset: count) }
    case .handshakeFault, nil:
      return
    }
  }
}
