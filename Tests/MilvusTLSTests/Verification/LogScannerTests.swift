import Foundation
import Testing

@testable import MilvusTLS

@Suite struct LogScannerTests {
  private func scan(_ log: [UInt8], chunk: Int, startedAt: String? = LogSample.startedAt) -> Verdict? {
    var scanner = LogScanner(startedAt: startedAt.flatMap(LogTime.parse))
    var rest = log[...]
    while !rest.isEmpty {
      if let verdict = scanner.consume(Array(rest.prefix(chunk))) { return verdict }
      rest = rest.dropFirst(chunk)
    }
    return scanner.settle()
  }

  private func outcome(_ verdict: Verdict?) -> LogSample.Outcome {
    switch verdict {
    case .confirmed: .confirmed
    case .refuted, .outdated: .refuted
    case .unknown: .unknown
    case nil: .open
    }
  }

  @Test(arguments: LogSample.all)
  func aLogGivesItsVerdictHoweverItIsCutIntoPieces(sample: LogSample) {
    let log = Array(sample.log.utf8)
    for chunk in [7, 4096, log.count] where chunk > 7 || log.count < 4096 {
      #expect(outcome(scan(log, chunk: chunk)) == sample.outcome, "in pieces of \(chunk) bytes")
    }
  }

  @Test func thereAreSamplesOfEveryKind() {
    #expect(LogSample.all.count >= 40)
    for outcome in [LogSample.Outcome.confirmed, .refuted, .unknown, .open] {
      #expect(LogSample.all.contains { $0.outcome == outcome })
    }
  }

  @Test func theEvidenceIsTheLineWithoutColours() {
    let verdict = scan(Array("\u{1B}[34m\(LogSample.yes)\u{1B}[0m\n".utf8), chunk: 9)
    #expect(verdict == .confirmed(evidence: LogSample.yes))
  }

  @Test func aFaultIsQuotedRatherThanTheLineBeforeIt() {
    let verdict = scan(Array((LogSample.yes + "\n" + LogSample.fault + "\n").utf8), chunk: 9)
    #expect(verdict == .refuted(evidence: LogSample.fault))
  }

  @Test func nothingIsSettledWhileAFaultCanStillFollow() {
    var scanner = LogScanner()
    #expect(scanner.consume(Array((LogSample.yes + "\n").utf8)) == nil)
    #expect(scanner.isSettling)
    #expect(scanner.refutation == nil, "a stream that ends here proves nothing")
    let later = LogSample.line("ready", at: 44)
    #expect(scanner.consume(Array((later + "\n").utf8)) == .confirmed(evidence: LogSample.yes))
  }

  @Test func aLogWithoutTimesSettlesAfterSomeMore() {
    var scanner = LogScanner()
    #expect(scanner.consume(Array((LogSample.yes + "\n").utf8)) == nil)
    let noise = [UInt8](repeating: UInt8(ascii: "x"), count: LogScanner.settlingBytes)
    #expect(scanner.consume(noise) == .confirmed(evidence: LogSample.yes))
  }

  @Test func theRotatedLogSaysHowLate() {
    let log = LogSample.line("insert", at: 3633) + "\n"
    let reason = "the log's start was rotated away: it begins 3603 s after the container's start"
    #expect(scan(Array(log.utf8), chunk: 64) == .unknown(reason: reason))
  }

  @Test func theBannerOrAnUnknownStartMakesNoLogRotated() {
    let late = LogSample.line("Internal TLS Enabled", "[value=true]", at: 1200) + "\n"
    #expect(outcome(scan(Array((LogSample.banner + late).utf8), chunk: 64)) == .confirmed)
    #expect(outcome(scan(Array(late.utf8), chunk: 64, startedAt: nil)) == .confirmed)
  }

  @Test func aHundredMebibytesWithoutALineBreakAreReadToTheLimitInBoundedMemory() {
    var scanner = LogScanner()
    let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
    var verdict: Verdict?
    var read = 0
    while verdict == nil, read < 100 {
      verdict = scanner.consume(piece)
      read += 1
      #expect(scanner.bufferedBytes <= LogLineCutter.lineLimit)
    }
    #expect(outcome(verdict) == .unknown)
    #expect(read == LogScanner.byteLimit >> 20)
  }

  @Test func theTailOfALongLineIsNoLineOfItsOwn() {
    var scanner = LogScanner()
    #expect(scanner.consume([UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)) == nil)
    #expect(scanner.consume(Array((LogSample.yes + "\n").utf8)) == nil)
    #expect(!scanner.isSettling)
    #expect(scanner.consume(Array((LogSample.yes + "\n").utf8)) == nil)
    #expect(scanner.isSettling)
  }

  @Test func nothingBehindTheLimitIsLookedAt() {
    var scanner = LogScanner(byteLimit: 1 << 16)
    let filler = [UInt8](repeating: UInt8(ascii: "\n"), count: 1 << 16)
    #expect(outcome(scanner.consume(filler + Array((LogSample.yes + "\n").utf8))) == .unknown)
  }

  @Test func binaryGivesNoVerdict() {
    #expect(scan((0..<65536).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 7) }, chunk: 1000) == nil)
  }

  @Test(arguments: [
    ("2024/12/03 10:22:33.123 +00:00", 1_733_221_353.123), ("2024/12/03 18:22:33.123 +08:00", 1_733_221_353.123),
    ("2024-12-03T10:22:33Z", 1_733_221_353), ("2024-02-29T00:00:00-0130", 1_709_170_200), ("1970-01-01T00:00:00Z", 0),
  ])
  func timesAreRead(text: String, seconds: Double) throws {
    let time = try #require(LogTime.parse(text))
    #expect(abs(time.timeIntervalSince1970 - seconds) < 0.001)
  }

  @Test(arguments: [
    "", "t", "2024/12-03 10:22:33 +00:00", "2024/13/03 10:22:33 +00:00", "2024/12/03 10:22:33",
    "2024/12/03 10:22:33. Z",
  ])
  func otherTextIsNoTime(text: String) {
    #expect(LogTime.parse(text) == nil)
  }
}
