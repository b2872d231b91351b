import Logging

extension ObjectKey {
  /// Log metadata for messages about the object.
  public var logged: Logger.Metadata { ["namespace": "\(namespace)", "name": "\(name)"] }
}
