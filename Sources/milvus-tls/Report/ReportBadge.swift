import MilvusTLS

/// A state in one word, with a colour and a sign: no fact is in the colour alone.
struct ReportBadge {
  enum Kind: String { case good, bad, warning, unknown, off }

  let kind: Kind
  let text: String

  private static let signs: [Kind: String] = [.good: "✓", .bad: "✗", .warning: "!", .unknown: "?", .off: "–"]

  var html: HTML {
    "<span class=\"badge \(kind.rawValue)\"><span aria-hidden=\"true\">\(Self.signs[kind] ?? "")</span>&nbsp;\(text)</span>"
  }
}

extension ReportRelease {
  private static let stale = ReportBadge(kind: .unknown, text: "Stale")
  private static let notReported = ReportBadge(kind: .unknown, text: "Not reported")

  /// Whether the certificates are in place and the Milvus is configured.
  var ready: ReportBadge {
    guard milvusTLS != nil else { return ReportBadge(kind: .off, text: "No MilvusTLS") }
    guard let condition = status.condition(.ready) else { return Self.notReported }
    if isStale { return Self.stale }
    switch condition.status {
    case .true where status.readyReason == .disabled: return ReportBadge(kind: .off, text: "Disabled")
    case .true: return ReportBadge(kind: .good, text: "Ready")
    case .false: return ReportBadge(kind: .bad, text: condition.reason)
    case .unknown: return ReportBadge(kind: .unknown, text: condition.reason)
    }
  }

  /// Whether the running pods are seen to use TLS as specified.
  var verified: ReportBadge {
    guard milvusTLS != nil else { return ReportBadge(kind: .off, text: "No MilvusTLS") }
    guard let condition = status.condition(.verified) else { return Self.notReported }
    if isStale { return Self.stale }
    switch condition.status {
    case .true: return ReportBadge(kind: .good, text: "Verified")
    case .false: return ReportBadge(kind: .bad, text: condition.reason)
    case .unknown:
      return ReportBadge(kind: condition.reason == "Disabled" ? .off : .unknown, text: condition.reason)
    }
  }

  /// Whether ports answer without TLS.
  var exposed: ReportBadge {
    guard let condition = status.condition(.plaintextExposed) else {
      return ReportBadge(kind: .unknown, text: "Not known")
    }
    switch condition.status {
    case .true:
      let ports = status.plaintext.map { "\($0.port)" }.joined(separator: ", ")
      return ReportBadge(kind: .warning, text: ports.isEmpty ? "Exposed" : "Port \(ports)")
    case .false: return ReportBadge(kind: .good, text: "None found")
    case .unknown: return ReportBadge(kind: .unknown, text: condition.reason)
    }
  }
}

extension Condition {
  /// Its status, coloured by whether it is good news.
  var badge: ReportBadge {
    let isGoodIfTrue = type == .ready || type == .verified
    let kind: ReportBadge.Kind =
      switch status {
      case .unknown: .unknown
      case .true: isGoodIfTrue ? .good : .warning
      case .false: isGoodIfTrue ? .bad : .good
      }
    return ReportBadge(kind: kind, text: status.rawValue)
  }
}
