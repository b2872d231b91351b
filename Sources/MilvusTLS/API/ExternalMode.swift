/// TLS on Milvus's client ports (`common.security.tlsMode`).
public enum ExternalMode: String, Sendable, Hashable, CaseIterable {
  case disabled = "Disabled"
  case oneWay = "OneWay"
  case twoWay = "TwoWay"

  /// The value of `common.security.tlsMode`: 0 off, 1 one-way, 2 two-way.
  public var tlsMode: Int {
    switch self {
    case .disabled: 0
    case .oneWay: 1
    case .twoWay: 2
    }
  }
}
