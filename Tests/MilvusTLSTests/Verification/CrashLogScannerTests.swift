import JSON
import Testing

@testable import MilvusTLS

@Suite struct CrashLogScannerTests {
  private let crash = ContainerCrash([
    "state": ["waiting": ["reason": "CrashLoopBackOff"]],
    "lastState": ["terminated": ["reason": "Error", "exitCode": 2]],
  ])

  private func verdict(_ lines: String..., isOfInternalTLS: Bool = true) throws -> Verdict {
    var scanner = CrashLogScanner(isOfInternalTLS: isOfInternalTLS)
    for byte in lines.joined(separator: "\n").utf8 { scanner.consume([byte]) }
    return scanner.verdict(on: try #require(crash))
  }

  @Test(arguments: [
    LogSample.fault, LogSample.no,
    LogSample.line("dial", #"[error="x509: certificate signed by unknown authority"]"#, level: "ERROR"),
    "panic: tls: failed to find any PEM data in certificate input",
  ])
  func aTLSErrorInTheLogsEndIsQuoted(line: String) throws {
    #expect(try verdict(LogSample.yes, line, LogSample.line("bye")) == .refuted(evidence: line))
    #expect(try verdict("goroutine 1 [running]:", line) == .refuted(evidence: line), "without a line's end, too")
  }

  /// Crash logs of Milvus 2.6 in full, and lines of 3.0, whose logger writes JSON before it is set up.
  @Test(arguments: [
    (
      [
        line("Proxy listen on external grpc listener", "[address=10.1.2.3:19530]"),
        line("fail to append ca to cert", level: "WARN"), "panic: fail to append ca to cert", "",
        "goroutine 214 [running]:", "github.com/milvus-io/milvus/cmd/roles.runComponent[...].func1()",
      ], "panic: fail to append ca to cert"
    ),
    (
      [
        line("can not initialize http listener", "[error=\"\(sharedPort)\"]", level: "WARN"), "panic: \(sharedPort)",
        "",
        "goroutine 214 [running]:",
      ], "panic: \(sharedPort)"
    ),
    ([line("fail to append ca to cert", level: "WARN")], line("fail to append ca to cert", level: "WARN")),
    (
      [line("can not initialize http listener", "[error=\"\(sharedPort)\"]", level: "WARN")],
      line("can not initialize http listener", "[error=\"\(sharedPort)\"]", level: "WARN")
    ),
    (
      [#"{"level":"fatal","ts":1733221353.1,"msg":"start","error":"tls: failed to find any PEM data"}"#],
      #"{"level":"fatal","ts":1733221353.1,"msg":"start","error":"tls: failed to find any PEM data"}"#
    ),
    ([line("failed read ca pem", level: "ERROR")], line("failed read ca pem", level: "ERROR")),
    ([line("proxy cant load x509 key pair", level: "WARN")], line("proxy cant load x509 key pair", level: "WARN")),
    (["panic: failed to create internal TLS credentials"], "panic: failed to create internal TLS credentials"),
  ])
  func theCauseOfACrashIsQuoted(log: [String], cause: String) throws {
    let log = log.joined(separator: "\n")
    #expect(try verdict(log) == .refuted(evidence: cause))
    #expect(try verdict(log, isOfInternalTLS: false) == .refuted(evidence: cause))
  }

  @Test func withoutInternalTLSNeitherItsLineNorAClientsHandshakeEndsAServer() throws {
    let handshake = LogSample.line("accept", #"[error="tls: bad certificate"]"#, level: "WARN")
    guard case .unknown = try verdict(LogSample.no, handshake, isOfInternalTLS: false) else {
      Issue.record("the crash has another cause")
      return
    }
  }

  private static let sharedPort =
    "proxy server(http) and external grpc server share the same port, tls mode must be 0"

  private static func line(_ message: String, _ fields: String = "", level: String = "INFO") -> String {
    LogSample.line(message, fields, level: level)
  }

  @Test func theCertificatesOwnFaultGoesBeforeAHandshakes() throws {
    let handshake = LogSample.line("dial", #"[error="tls: bad certificate"]"#, level: "WARN")
    #expect(try verdict(handshake, LogSample.fault, handshake) == .refuted(evidence: LogSample.fault))
  }

  @Test func aCrashForAnotherReasonProvesNothing() throws {
    let reason = "the container crashed (Error, exit code 2); the end of its log has no TLS error"
    #expect(try verdict(LogSample.yes, "panic: out of memory", "user x509: y") == .unknown(reason: reason))
    #expect(try verdict("") == .unknown(reason: reason))
  }

  @Test func theLastStartOfTheProcessCounts() throws {
    guard case .unknown = try verdict(LogSample.fault, LogSample.banner, LogSample.yes) else {
      Issue.record("an earlier start's fault counted")
      return
    }
  }

  @Test(arguments: [
    (#"{"state":{"running":{}},"lastState":{"terminated":{"exitCode":1}}}"#, nil),
    (#"{"state":{"waiting":{"reason":"ContainerCreating"}}}"#, nil),
    (#"{"state":{"waiting":{"reason":"x"}},"lastState":{"terminated":{"exitCode":0}}}"#, nil),
    (#"{"state":{"terminated":{"exitCode":0}}}"#, nil),
    (#"{"state":{"terminated":{"exitCode":1}}}"#, false),
    (#"{"state":{"waiting":{"reason":"CrashLoopBackOff"}}}"#, true),
    (#"{"state":{"waiting":{"reason":"RunContainerError"}},"lastState":{"terminated":{"exitCode":137}}}"#, true),
  ])
  func onlyAFailedRunThatWaitsIsACrash(status: String, isPrevious: Bool?) throws {
    #expect(ContainerCrash(try JSONValue(parsing: status))?.isPrevious == isPrevious)
  }
}
