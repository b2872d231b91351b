import Foundation

/// Finds Milvus's line about internal TLS in a log that arrives in chunks, and buffers at most one line.
///
/// Milvus writes the line once per gRPC server, near the start of the log, **before** it reads its certificates. A
/// server that cannot use them continues without TLS, so the line alone is not conclusive. The scanner therefore also
/// reads what follows, until the log's own clock has advanced by `settlingTime`, `settlingBytes` have arrived, or the
/// reader calls `settle()` because nothing more arrives. Until then one `value=false` or one fault outweighs every
/// `value=true`.
///
/// A log that does not begin at the container's start (`startedAt`) has been rotated and proves nothing. The start is
/// recognized by Milvus's banner, or by a first line of about that time.
public struct LogScanner: Sendable {
  /// Maximum number of bytes of a log to read.
  public static let byteLimit = 8 << 20
  /// How long faults after the line still count, in seconds of the log's own clock. All servers of a process start
  /// within this time.
  static let settlingTime = 10.0
  /// How many bytes after the line are read if the log has no times.
  static let settlingBytes = 512 << 10
  /// How long after its container's start Milvus may write its first line, in seconds.
  static let startTolerance = 60.0
  /// How long after its first line Milvus may write the line about internal TLS, in seconds of the log's clock. Servers
  /// wait for etcd.
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

  /// Number of buffered bytes.
  var bufferedBytes: Int { cutter.bufferedBytes }

  /// - Parameters:
  ///   - startedAt: start of the container's current run; nil if unknown.
  ///   - byteLimit: number of bytes after which an inconclusive log is given up.
  public init(startedAt: Date? = nil, byteLimit: Int = LogScanner.byteLimit) {
    self.startedAt = startedAt
    limit = byteLimit
  }

  /// Whether the line was found and the scanner is reading what follows it.
  public var isSettling: Bool { finding != nil }

  /// Reads the next chunk of the log.
  /// - Returns: the verdict once it is final; nothing more needs to be read then.
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
    return .unknown(reason: "the first \(limit >> 20) MiB of the log have no conclusive line about internal TLS")
  }

  /// The verdict if nothing more has arrived for a while; nil if the log has no line about internal TLS yet.
  public func settle() -> Verdict? { finding?.verdict }

  /// A refutation, which is valid even if the log ended too early to trust `value=true`.
  public var refutation: Verdict? {
    if case .refuted = finding?.verdict { finding?.verdict } else { nil }
  }

  private mutating func judge(_ raw: RawLogLine) -> Verdict? {
    if MilvusLogLine.isBanner(raw) {
      // Milvus has restarted: statements of an earlier start no longer count.
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
    return .unknown(reason: "the first \(Int(Self.searchTime / 60)) minutes of the log have no line about internal TLS")
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
