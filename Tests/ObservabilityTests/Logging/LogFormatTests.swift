import Foundation
import JSON
import KubernetesRuntime
import Logging
import Synchronization
import Testing

@testable import Observability

@Suite struct LogFormatTests {
  private final class Lines: Sendable {
    let lines = Mutex<[String]>([])
  }

  private let written = Lines()
  private let time = Date(timeIntervalSince1970: 1_795_294_921.91)

  private func logger(_ format: LogFormat, level: Logger.Level = .debug) -> Logger {
    let handler = LineLogHandler(format: format, level: level) { [written] line in
      written.lines.withLock { $0.append(line) }
    }
    return Logger(label: "test") { _ in handler }
  }

  private func line(
    _ format: LogFormat,
    _ text: String,
    _ metadata: Logger.Metadata = [:],
    level: Logger.Level = .info,
    isColored: Bool = false
  ) -> String {
    format.line(LogMessage(time: time, level: level, text: text, metadata: metadata), isColored: isColored)
  }

  @Test func textIsTimeLevelObjectMessageAndTheOtherMetadata() {
    #expect(
      line(.text, "issued", ["namespace": "default", "name": "my-release", "b": "two words", "a": "1", "c": ""])
        == "2026-11-21T21:02:01.910Z INFO  default/my-release: issued a=1 b=\"two words\" c=\"\"\n"
    )
    #expect(line(.text, "gone", ["name": "x"], level: .warning) == "2026-11-21T21:02:01.910Z WARN  gone name=x\n")
  }

  @Test func jsonIsOneObjectWithItsFieldsAndEveryMetadata() throws {
    let metadata: Logger.Metadata = [
      "namespace": "default", "name": "my-release", "tries": .stringConvertible(3), "msg": "other",
      "list": ["a", ["b": "c"]],
    ]
    let text = line(.json, "a \"quoted\"\nline, ü and 💥\u{1b}[31m", metadata, level: .warning)
    #expect(
      text == #"{"ts":"2026-11-21T21:02:01.910Z","level":"warning","msg":"a \"quoted\"\nline, ü and 💥\u001b[31m","#
        + #""list":["a",{"b":"c"}],"msg_":"other","name":"my-release","namespace":"default","tries":3}"# + "\n"
    )
    #expect(try JSONValue(parsing: text)["msg"] == "a \"quoted\"\nline, ü and 💥\u{1b}[31m")
  }

  @Test(arguments: LogFormat.allCases)
  func whatAUserWroteMakesNoSecondLine(format: LogFormat) {
    let evil = "a\nb\r\nc\u{2028}d\u{85}e\u{1b}[2Jf\u{0}\t"
    let text = line(format, evil, ["key": .string(evil), "name": .string(evil), "namespace": "x\ny"])
    #expect(text.unicodeScalars.filter { $0.properties.generalCategory == .control && $0 != "\u{85}" } == ["\n"])
    #expect(text.hasSuffix("\n"))
    #expect(text.split(separator: "\n").count == 1)
  }

  @Test func textEscapesEveryControlCharacter() {
    #expect(
      line(.text, "a\r\nb\u{1b}[2J\u{85}\u{2028}\u{7f}\tü").hasSuffix(
        #"INFO  a\r\nb\u001b[2J\u0085\u2028\u007f\tü"# + "\n"
      )
    )
  }

  @Test func coloursMarkTheLevelAloneAndOnlyWhereAskedFor() {
    #expect(line(.text, "a", level: .error, isColored: true).hasSuffix("Z \u{1b}[31mERROR\u{1b}[0m a\n"))
    #expect(line(.text, "a", level: .error).hasSuffix("Z ERROR a\n"))
    #expect(line(.json, "a", level: .error, isColored: true) == line(.json, "a", level: .error))
  }

  @Test func levelsAreAllOfOneWidth() {
    let starts = Set(Logger.Level.allCases.map { line(.text, "|", level: $0).firstIndex(of: "|") })
    #expect(starts.count == 1)
  }

  @Test func aLoggerAboutAnObjectNamesItInEitherForm() throws {
    let key = ObjectKey(namespace: "default", name: "my-release")
    logger(.text).about(key).info("issued", metadata: ["role": "server"])
    logger(.json).about(key).info("issued", metadata: ["role": "server"])
    let lines = written.lines.withLock { $0 }
    #expect(lines[0].hasSuffix(" INFO  default/my-release: issued role=server\n"))
    let object = try JSONValue(parsing: lines[1])
    #expect(object["namespace"] == "default" && object["name"] == "my-release" && object["role"] == "server")
  }

  @Test func messagesBelowTheLevelAreNotWritten() {
    let logger = logger(.text, level: .warning)
    logger.info("no")
    logger.warning("yes")
    #expect(written.lines.withLock { $0.count } == 1)
  }
}
