import ArgumentParser
import Foundation
import Logging
import Observability

/// Options of logging.
struct LoggingOptions: ParsableArguments {
  /// Environment variable used when `--log-level` is not set.
  private static let variable = "LOG_LEVEL"

  @Option(help: "Log format on standard error: text for people, json for programs.")
  var logFormat: LogFormat = .text

  @Option(help: "Log level. Default: $LOG_LEVEL, or info.")
  var logLevel: Logger.Level?

  func validate() throws {
    _ = try level
  }

  /// From the flag, else from the environment, else `info`.
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

  /// A logger configured by the options.
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
