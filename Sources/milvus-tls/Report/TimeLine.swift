import Foundation
import MilvusTLS

/// The time lines of several releases as one picture.
struct TimeLine {
  static let width = 1200.0
  /// Where bars begin and end: names are to the left, ends to the right.
  static let left = 262.0
  static let right = 1020.0
  /// Rows of a picture: so many fit a printed page.
  private static let rowsOfPage = 28
  private static let rowHeight = 24.0
  private static let top = 42.0
  /// Marks of windows that are drawn for one release.
  private static let mostWindows = 400

  let axis: TimeAxis
  let releases: [ReportRelease]
  /// Distinguishes the pictures of a page.
  let number: Int

  /// Pictures for all releases that have certificates, each short enough for a page; a release is never divided.
  static func pictures(of releases: [ReportRelease], axis: TimeAxis) -> [TimeLine] {
    var groups: [[ReportRelease]] = []
    var rows = rowsOfPage
    for release in releases where !release.certificates.isEmpty {
      let needed = release.certificates.count + 1
      if rows + needed > rowsOfPage {
        groups.append([])
        rows = 0
      }
      groups[groups.count - 1].append(release)
      rows += needed
    }
    return groups.enumerated().map { TimeLine(axis: axis, releases: $1, number: $0 + 1) }
  }

  var html: HTML {
    let rows = releases.reduce(0) { $0 + $1.certificates.count + 1 }
    let height = Self.top + Double(rows) * Self.rowHeight + 6
    var y = Self.top
    var body: [HTML] = []
    for release in releases {
      body.append(heading(release, y))
      y += Self.rowHeight
      for certificate in release.certificates {
        body.append(row(certificate, of: release, y))
        y += Self.rowHeight
      }
    }
    let names = releases.map { "\($0.namespace)/\($0.name)" }.joined(separator: ", ")
    return """
      <svg class="timeline" viewBox="0 0 \(Self.width) \(height)" role="img" aria-labelledby="tl\(number)t tl\(number)d">
      <title id="tl\(number)t">Time line of the certificates of \(names)</title>
      <desc id="tl\(number)d">From \(axis.period.start.day) to \(axis.period.end.day); today is \(axis.now.day). \
      The tables of the releases have the same times.</desc>
      \(grid(height))\(body)\(today(height))
      </svg>

      """
  }

  private func grid(_ height: Double) -> HTML {
    let marks = axis.marks.filter { (Self.left + 30...Self.right - 30).contains($0.position) }.map { mark -> HTML in
      """
      <line class="grid" x1="\(mark.position)" y1="34" x2="\(mark.position)" y2="\(height)"/>\
      <text class="axis" x="\(mark.position)" y="29" text-anchor="middle">\(mark.label)</text>

      """
    }
    return "\(marks)"
  }

  private func today(_ height: Double) -> HTML {
    let x = axis.position(axis.now)
    let label = "Today \(axis.now.day)"
    return """
      <line class="today" x1="\(x)" y1="34" x2="\(x)" y2="\(height)"/>\
      <text class="today" x="\(x)" y="12" text-anchor="middle">\(label)</text>
      """
  }

  private func heading(_ release: ReportRelease, _ y: Double) -> HTML {
    let forecast = release.milvusTLS.map(RenewalForecast.init)
    let windows =
      forecast?.windows(in: DateInterval(start: axis.now, end: axis.period.end), limit: Self.mostWindows) ?? []
    let name = "\(release.namespace)/\(release.name)"
    // Up to the marks of the windows, which begin today.
    let room = Int((axis.position(axis.now) - 20) / 8)
    return """
      <rect class="band" x="0" y="\(y)" width="\(Self.width)" height="\(Self.rowHeight)"/>\
      <text class="release" x="6" y="\(y + 16)">\(name.cutInTheMiddle(to: room))<title>\(name)</title></text>\
      \(marks(windows, y))

      """
  }

  /// Windows that would touch are drawn as one.
  private func marks(_ windows: [DateInterval], _ y: Double) -> HTML {
    guard let first = windows.first else { return "" }
    let next = first.start <= axis.now ? "window open to \(first.end.minute)" : "next window \(first.start.minute)"
    var spans: [(from: Double, to: Double)] = []
    for window in windows {
      let from = axis.edgePosition(max(window.start, axis.now))
      let to = max(axis.edgePosition(window.end), from + 1.5)
      if let last = spans.last, from < last.to + 1 {
        spans[spans.count - 1].to = max(last.to, to)
      } else {
        spans.append((from, to))
      }
    }
    let path = spans.map {
      "M\(Self.tenths($0.from)) \(Self.tenths(y + 7))h\(Self.tenths($0.to - $0.from))v10h-\(Self.tenths($0.to - $0.from))z"
    }
    return """
      <path class="window" d="\(path.joined())"><title>Maintenance windows; the next is from \
      \(first.start.kubernetesTime) to \(first.end.kubernetesTime)</title></path>\
      <text class="note" x="\(Self.right + 8)" y="\(y + 16)">\(next)</text>
      """
  }

  private static func tenths(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }

  private func row(_ certificate: ReportCertificate, of release: ReportRelease, _ y: Double) -> HTML {
    let name = certificate.title.cut(to: 30)
    return """
      <text class="certificate" x="18" y="\(y + 16)">\(name)<title>\(certificate.title), Secret \
      \(release.namespace)/\(certificate.secretName)</title></text>\
      \(bar(certificate, y))

      """
  }

  private func bar(_ certificate: ReportCertificate, _ y: Double) -> HTML {
    guard let end = certificate.notAfter else {
      return "<text class=\"note\" x=\"\(Self.left)\" y=\"\(y + 16)\">no certificate is known</text>"
    }
    let start = certificate.notBefore ?? axis.period.start
    let (from, to) = (axis.edgePosition(start), axis.edgePosition(end))
    let isOver = end <= axis.now
    let times = [
      certificate.notBefore.map { "valid from \($0.kubernetesTime)" },
      certificate.due.map { "due for renewal \($0.kubernetesTime)" }, "ends \(end.kubernetesTime)",
    ].compactMap(\.self).joined(separator: ", ")
    let kind = isOver ? "over" : certificate.role.rawValue
    return """
      <rect class="bar \(kind)" x="\(from)" y="\(y + 5)" width="\(max(to - from, 2))" height="14" rx="2">\
      <title>\(certificate.title): \(times)</title></rect>\
      \(renewal(certificate, to, y))\(edges(start, end, y))\
      <text class="end\(isOver ? " over" : "")" x="\(Self.right + 8)" y="\(y + 16)">\
      \(isOver ? "ended" : "ends") \(label(of: end))</text>
      """
  }

  /// Times of this month need the hour.
  private func label(of date: Date) -> String {
    abs(date.timeIntervalSince(axis.now)) < 7 * 86400 ? "\(date.day) \(date.minute.suffix(5))" : date.day
  }

  /// Arrows where a bar goes on beyond the axis.
  private func edges(_ start: Date, _ end: Date, _ y: Double) -> HTML {
    var arrows: [HTML] = []
    if end > axis.period.end {
      arrows.append("<path class=\"arrow\" d=\"M\(Self.right - 7) \(y + 8)l5 4l-5 4\"/>")
    }
    if start < axis.period.start {
      arrows.append("<path class=\"arrow\" d=\"M\(Self.left + 7) \(y + 8)l-5 4l5 4\"/>")
    }
    return "\(arrows)"
  }

  /// The time in which the renewal is due, and a mark where it is expected.
  private func renewal(_ certificate: ReportCertificate, _ to: Double, _ y: Double) -> HTML {
    guard let due = certificate.due, due < axis.period.end else { return "" }
    let from = axis.edgePosition(due)
    let expected = certificate.expected ?? due
    guard axis.period.contains(expected) else { return "" }
    let x = axis.position(expected)
    return """
      <rect class="due" x="\(from)" y="\(y + 5)" width="\(max(to - from, 0))" height="14"/>\
      <path class="renewal" d="M\(x) \(y + 3)l9 9l-9 9l-9 -9z"><title>Renewal of \(certificate.title) is expected \
      \(expected.kubernetesTime)</title></path>
      """
  }
}
