/// An API on the port for metrics and administration (internal/http/router.go of Milvus).
public enum MetricsPortAPI: String, Sendable, CaseIterable {
  /// The REST API, which reads and changes data.
  case data = "/api/v1"
  /// Evaluates expressions in the process.
  case expressions = "/expr"
  /// Stops components and changes the configuration.
  case management = "/management"
  /// Changes the log's level.
  case logLevel = "/log/level"

  /// A path of the API whose GET changes nothing.
  public var path: String {
    switch self {
    case .data: "/api/v1/collections"
    case .expressions: "/expr"
    case .management: "/management/check/ready"
    case .logLevel: "/log/level"
    }
  }

  /// Whether the status code of the path shows that the API serves a client without credentials.
  static func isOpen(_ status: Int) -> Bool { !isGuarded(status) && ![301, 302, 404, 405].contains(status) }

  /// Whether it shows that the API asks for credentials.
  static func isGuarded(_ status: Int) -> Bool { status == 401 || status == 403 }
}
