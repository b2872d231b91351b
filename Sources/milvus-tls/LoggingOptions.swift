import ArgumentParser
import Foundation
import Logging
import Observability

/// How much the program says, and in which form.
struct LoggingOptions: ParsableArguments {
  /// The environment variable that stands for `--log-level`.
  private static let variable = "LOG_LEVEL"

  @Option(help: "Form of the log lines on standard error: text for people, json for programs.")
  var logFormat: LogFormat = .text

  @Option(help: "Least level of log messages. Default: $LOG_LEVEL, or info.")
  var logLevel: Logger.Level?

  func validate() throws {
    _ = try level
  }

  /// The flag, or the environment, or `info`.
  private var level: Logger.Level {
    get throws {
      if let logLevel { return logLevel }
      guard let text = ProcessInfo.processInfo.environment[Self.variable], !text.isEmpty else { return .info }
      guard let level = Logger.Level(rawValue: text.lowercased()) else {
        let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("\(Self.variable) \(text.debugDescription): must be one of \(levels)")
      }
      return level
    }
  }

  /// A logger that writes as the options say.
  func logger(label: String) throws -> Logger {
    let handler = LineLogHandler(
      format: logFormat,
      level: try level,
      isColored: StandardError.hasColors,
      write: StandardError.write
    )
    return Logger(label: label) { _ in handler }
  }
}

extension LogFormat: ExpressibleByArgument {}
extension Logger.Level: @retroactive ExpressibleByArgument {}
