import Foundation
import Logging

/// Writes each message as one line.
public struct LineLogHandler: LogHandler {
  public var logLevel: Logger.Level
  public var metadata: Logger.Metadata = [:]
  public var metadataProvider: Logger.MetadataProvider?

  private let format: LogFormat
  private let isColored: Bool
  private let write: @Sendable (String) -> Void

  /// - Parameters:
  ///   - isColored: whether the text format uses terminal colors for levels.
  ///   - write: called with whole lines, from any thread.
  public init(
    format: LogFormat,
    level: Logger.Level,
    isColored: Bool = false,
    write: @escaping @Sendable (String) -> Void
  ) {
    self.format = format
    self.isColored = isColored
    self.write = write
    logLevel = level
  }

  public subscript(metadataKey key: String) -> Logger.MetadataValue? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    var metadata = metadata
    if let provided = metadataProvider?.get() { metadata.merge(provided) { $1 } }
    if let own = event.metadata { metadata.merge(own) { $1 } }
    if let error = event.error { metadata["error"] = "\(error)" }
    let message = LogMessage(time: Date(), level: event.level, text: "\(event.message)", metadata: metadata)
    write(format.line(message, isColored: isColored))
  }
}
