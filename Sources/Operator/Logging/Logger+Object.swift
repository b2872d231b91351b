import KubernetesRuntime
import Logging

extension Logger {
  /// A logger whose messages are about one object.
  func about(_ key: ObjectKey) -> Logger {
    var logger = self
    logger[metadataKey: "namespace"] = "\(key.namespace)"
    logger[metadataKey: "name"] = "\(key.name)"
    return logger
  }
}
