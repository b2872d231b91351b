import MilvusTLS
import PKI

/// Who issues and who trusts whom in one release, as a picture: CAs on the left, their certificates on the right.
struct TrustDiagram {
  private static let width = 1000.0
  private static let boxWidth = 360.0
  private static let boxHeight = 44.0
  private static let step = 58.0

  let release: ReportRelease
  /// Distinguishes the pictures of a page.
  let number: Int

  private var leaves: [ReportCertificate] { release.certificates.filter { $0.role != .authority } }

  /// Empty for a release without certificates that could be read.
  var html: HTML {
    guard !release.authorities.isEmpty, !leaves.isEmpty else { return "" }
    let rows = max(release.authorities.count, leaves.count)
    let height = Double(rows) * Self.step + 4
    let name = "\(release.namespace)/\(release.name)"
    return """
      <svg class="trust" viewBox="0 0 \(Self.width) \(height)" role="img" aria-labelledby="tr\(number)t tr\(number)d">
      <title id="tr\(number)t">Who trusts whom in \(name)</title>
      <desc id="tr\(number)d">Solid lines lead from a CA to the certificates that it issued, dashed lines from a \
      certificate's user to the CAs that it trusts. The table below has the same facts.</desc>
      \(edges(rows))\(boxes(rows))
      </svg>

      """
  }

  /// The top of a box: a column that is shorter than the other is in the middle.
  private func top(_ index: Int, of count: Int, rows: Int) -> Double {
    2 + (Double(rows - count) / 2 + Double(index)) * Self.step
  }

  private func boxes(_ rows: Int) -> HTML {
    let authorities = release.authorities.enumerated().map { index, authority in
      let role =
        authority == release.signing ? "CA, signs" : authority == release.next ? "Next CA" : "CA, trusted"
      let y = top(index, of: release.authorities.count, rows: rows)
      return box("authority", x: 2, y, role, "\(authority.report) · \(authority.shortFingerprint)")
    }
    let others = leaves.enumerated().map { index, leaf in
      let subject = leaf.certificate?.report ?? "cannot be read"
      let y = top(index, of: leaves.count, rows: rows)
      return box(leaf.role.rawValue, x: Self.width - Self.boxWidth - 2, y, leaf.title, subject)
    }
    return "\(authorities)\(others)"
  }

  private func box(_ kind: String, x: Double, _ y: Double, _ title: String, _ subject: String) -> HTML {
    """
    <rect class="box \(kind)" x="\(x)" y="\(y)" width="\(Self.boxWidth)" height="\(Self.boxHeight)" rx="5"/>\
    <text class="box-title" x="\(x + 12)" y="\(y + 18)">\(title.cut(to: 44))<title>\(title)</title></text>\
    <text class="box-text" x="\(x + 12)" y="\(y + 35)">\(subject.cut(to: 50))<title>\(subject)</title></text>

    """
  }

  private func edges(_ rows: Int) -> HTML {
    var edges: [HTML] = []
    for (row, leaf) in leaves.enumerated() {
      let issuer = release.authority(of: leaf)
      for (column, authority) in release.authorities.enumerated() {
        let from = top(column, of: release.authorities.count, rows: rows) + Self.boxHeight / 2
        let to = top(row, of: leaves.count, rows: rows) + Self.boxHeight / 2
        if authority == issuer {
          edges.append(edge("issues", from - 6, to - 6, "\(authority.report) issued \(leaf.title)"))
        }
        if leaf.trusted.contains(authority) {
          edges.append(edge("trusts", from + 6, to + 6, "\(leaf.title) trusts \(authority.report)"))
        }
      }
    }
    return "\(edges)"
  }

  private func edge(_ kind: String, _ from: Double, _ to: Double, _ text: String) -> HTML {
    let (x1, x2) = (Self.boxWidth + 2, Self.width - Self.boxWidth - 2)
    let middle = (x1 + x2) / 2
    let arrow: HTML =
      kind == "issues"
      ? "<path class=\"head issues\" d=\"M\(x2) \(to)l-9 -4v8z\"/>"
      : "<path class=\"head trusts\" d=\"M\(x1) \(from)l9 -4v8z\"/>"
    return """
      <path class="edge \(kind)" d="M\(x1) \(from)C\(middle) \(from) \(middle) \(to) \(x2) \(to)"><title>\(text)</title></path>\
      \(arrow)

      """
  }
}

extension Certificate {
  /// The subject's common name, else the whole subject, else its names.
  var report: String {
    if !subject.commonName.isEmpty { return subject.commonName }
    return subject.isEmpty ? dnsNames.first ?? "no subject" : subject.description
  }

  /// Distinguishes CAs of the same name.
  var shortFingerprint: String { String(sha256Fingerprint.prefix(8)) }
}
