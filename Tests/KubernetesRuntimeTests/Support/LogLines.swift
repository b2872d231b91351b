import Logging
import Synchronization

/// Keeps log lines.
struct LogLines: LogHandler {
  private final class Storage: Sendable {
    let lines = Mutex<[String]>([])
  }

  private let storage = Storage()
  var logLevel = Logger.Level.debug
  var metadata: Logger.Metadata = [:]

  subscript(metadataKey key: String) -> Logger.MetadataValue? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) { storage.lines.withLock { $0.append("\(event.message)") } }

  var lines: [String] { storage.lines.withLock { $0 } }
}
