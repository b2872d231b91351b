/// Finds in the end of a crashed container's log what it says about TLS; the last word counts.
public struct CrashLogScanner: Sendable {
  /// How many lines of the log's end are read.
  public static let lineCount = 500

  private var cutter = LogLineCutter()
  private var fault: String?
  private var handshakeFault: String?
  private var disabled: String?

  public init() {}

  public mutating func consume(_ chunk: [UInt8]) {
    var rest = chunk[...]
    while let line = cutter.next(in: &rest) { weigh(line) }
  }

  /// What the log, now that it has ended, says.
  /// - Parameter crash: of the container, for the reason where the log does not tell.
  public mutating func verdict(on crash: ContainerCrash) -> Verdict {
    weigh(cutter.rest())
    if let evidence = fault ?? disabled ?? handshakeFault { return .refuted(evidence: evidence) }
    return .unknown(reason: "\(crash), and the end of its log tells of no TLS error")
  }

  private mutating func weigh(_ raw: RawLogLine) {
    if MilvusLogLine.isBanner(raw) {
      (fault, handshakeFault, disabled) = (nil, nil, nil)
    } else if let panic = MilvusLogLine.panicEvidence(raw) {
      fault = panic
    } else if let line = MilvusLogLine(raw) {
      switch line.statement {
      case .fault: fault = line.evidence
      case .handshakeFault: handshakeFault = line.evidence
      case .enabled(false): disabled = line.evidence
      case .enabled(true), nil: break
      }
    }
  }
}
