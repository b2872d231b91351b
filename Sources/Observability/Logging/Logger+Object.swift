import KubernetesRuntime
import Logging

extension Logger {
  /// A logger for messages about one object.
  public func about(_ key: ObjectKey) -> Logger {
    var logger = self
    for (name, value) in key.logged { logger[metadataKey: name] = value }
    return logger
  }
}
