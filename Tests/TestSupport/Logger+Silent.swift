import Logging

extension Logger {
  /// A logger that keeps its messages to itself.
  public static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
