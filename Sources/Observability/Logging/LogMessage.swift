import Foundation
import Logging

/// A message with everything that its log line contains.
struct LogMessage: Sendable {
  let time: Date
  let level: Logger.Level
  let text: String
  let metadata: Logger.Metadata
}
