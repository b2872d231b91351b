import Testing

@testable import MilvusTLS

@Suite struct LogScannerTests {
  private static let line =
    #"[2024/12/03 10:22:33.123 +00:00] [INFO] [utils/util.go:56] ["Internal TLS Enabled"] [value=true]"#

  private func verdict(_ log: String, chunk: Int = 7) -> LogVerdict? {
    var scanner = LogScanner()
    var bytes = Array((log + "\n").utf8)[...]
    while !bytes.isEmpty {
      if let verdict = scanner.consume(bytes.prefix(chunk)) { return verdict }
      bytes = bytes.dropFirst(chunk)
    }
    return nil
  }

  @Test(arguments: [
    line,
    line.replacing("Internal", with: "internal"),
    line.replacing("utils/util.go:56", with: "grpcproxy/service.go:1234"),
    "\u{1B}[34m\(line)\u{1B}[0m",
    "starting\n2024 panic: no\n\(line)\nmore",
    line + "\r\n",
    #"{"level":"INFO","time":"2024/12/03","caller":"utils/util.go:56","message":"Internal TLS Enabled","value":true}"#,
    #"{"level":"INFO","msg":"Internal TLS Enabled","value":"true"}"#,
  ])
  func theLineWithTrueConfirms(log: String) {
    guard case .confirmed(let evidence) = verdict(log) else {
      Issue.record("not confirmed")
      return
    }
    #expect(evidence.contains("TLS Enabled"))
    #expect(!evidence.contains("\u{1B}"))
  }

  @Test(arguments: [
    line.replacing("true", with: "false"),
    #"{"level":"INFO","message":"Internal TLS Enabled","value":false}"#,
    #"[2024/12/03 10:22:33.123 +00:00] [ERROR] [a/b.go:1] ["can't create creds"] [error="x509: unknown authority"]"#,
    #"[2024/12/03 10:22:33.123 +00:00] [FATAL] [a/b.go:1] ["failed to create internal TLS credentials"]"#,
  ])
  func theLineWithFalseAndFailuresRefute(log: String) {
    guard case .refuted = verdict(log) else {
      Issue.record("not refuted")
      return
    }
  }

  @Test(arguments: [
    "",
    "[a] [INFO] [b] [\"Internal TLS\"] [value=true]\n",
    // The words inside another message or field are not Milvus's statement.
    #"[2024/12/03 10:22:33.123 +00:00] [INFO] [a.go:1] ["insert"] [data="[\"Internal TLS Enabled\"] [value=true]"]"#,
    #"[2024/12/03 10:22:33.123 +00:00] [INFO] [a.go:1] ["say [\"Internal TLS Enabled\"] [value=true]"] [x=y]"#,
    #"user wrote: [t] [INFO] [a.go:1] ["Internal TLS Enabled"] [value=true]"#,
    #"{"level":"INFO","message":"query","expr":"Internal TLS Enabled","value":true}"#,
    #"{"level":"INFO","message":"Internal TLS Enabled"}"#,
    #"[t] [INFO] [a.go:1] ["Internal TLS Enabled"] [value=truethy]"#,
    #"[t] [INFO] [a.go:1] ["Internal TLS Enabled"]"#,
  ])
  func anythingElseProvesNothing(log: String) {
    #expect(verdict(log) == nil)
  }

  @Test func aLineLongerThanTheLimitIsSkippedInBoundedMemoryAndTheNextCounts() {
    var scanner = LogScanner()
    let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
    for _ in 0..<8 { #expect(scanner.consume(piece) == nil) }
    #expect(scanner.bufferedBytes <= LogScanner.lineLimit)
    // The tail of a cut line must not pass for a line of its own.
    #expect(scanner.consume(Array(Self.line.utf8) + [10]) == nil)
    guard case .confirmed = scanner.consume(Array(Self.line.utf8) + [10]) else {
      Issue.record("not confirmed")
      return
    }
  }

  @Test func invalidTextIsNoCrash() {
    var scanner = LogScanner()
    #expect(scanner.consume((0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 31) }) == nil)
  }
}
