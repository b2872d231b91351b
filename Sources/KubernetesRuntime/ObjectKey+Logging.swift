import Logging

extension ObjectKey {
  /// The metadata of log messages about the object.
  public var logged: Logger.Metadata { ["namespace": "\(namespace)", "name": "\(name)"] }
}
