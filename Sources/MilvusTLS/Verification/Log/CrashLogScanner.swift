/// Finds statements about TLS at the end of a crashed container's log; of several, the last counts.
public struct CrashLogScanner: Sendable {
  /// Number of lines from the end of the log to read.
  public static let lineCount = 500

  private let isOfInternalTLS: Bool
  private var cutter = LogLineCutter()
  private var fault: String?
  private var handshakeFault: String?
  private var disabled: String?

  /// - Parameter isOfInternalTLS: whether components have to use TLS with each other. Else only what keeps Milvus from
  ///   serving counts: internal TLS may be off, and a client's handshake may fail.
  public init(isOfInternalTLS: Bool) {
    self.isOfInternalTLS = isOfInternalTLS
  }

  /// Reads the next chunk of the log.
  public mutating func consume(_ chunk: [UInt8]) {
    var rest = chunk[...]
    while let line = cutter.next(in: &rest) { weigh(line) }
  }

  /// The verdict, after the log has ended.
  /// - Parameter crash: crash of the container, used as the reason if the log has none.
  public mutating func verdict(on crash: ContainerCrash) -> Verdict {
    if let evidence = evidence() { return .refuted(evidence: evidence) }
    return .unknown(reason: "\(crash); the end of its log has no TLS error")
  }

  /// The statement that counts, after the log has ended; nil where it has none.
  public mutating func evidence() -> String? {
    weigh(cutter.rest())
    let ofInternalTLS = isOfInternalTLS ? disabled ?? handshakeFault : nil
    return fault ?? ofInternalTLS
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
