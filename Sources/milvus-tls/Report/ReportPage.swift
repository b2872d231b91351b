import Foundation
import MilvusTLS
import Operator

/// A report on the TLS of all that was read, as a page of HTML that needs nothing beside it. The same input gives the
/// same page.
struct ReportPage {
  /// In the head of every report: a file without it is not overwritten.
  static let generator: HTML = "<meta name=\"generator\" content=\"milvus-tls report\">"

  let now: Date
  /// What was read, for people.
  let scope: String
  /// What could not be read.
  let gaps: [String]
  let releases: [ReportRelease]

  init(_ input: ReportInput, now: Date) {
    (self.now, scope, gaps) = (now, input.scope, input.gaps.sorted())
    let secrets = Dictionary(grouping: input.secrets, by: \.namespace).mapValues { secrets in
      Dictionary(secrets.map { ($0.name, $0) }) { first, _ in first }
    }
    let specified = input.milvusTLS.map { ReportRelease($0, secrets: secrets[$0.namespace] ?? [:], now: now) }
    let others = input.milvuses.filter { milvus in
      !input.milvusTLS.contains { $0.namespace == milvus.namespace && $0.milvusName == milvus.name }
    }
    releases = (specified + others.map(ReportRelease.init)).sorted {
      ($0.namespace, $0.name, $0.milvusTLS?.name ?? "") < ($1.namespace, $1.name, $1.milvusTLS?.name ?? "")
    }
  }

  var html: HTML {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    \(Self.generator)
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Milvus TLS report, \(now.day)</title>
    <style>
    \(ReportStyle.sheet)</style>
    </head>
    <body>
    <header>
    <h1>Milvus TLS report</h1>
    <p>\(scope), as of \(now). All times are UTC.</p>
    </header>
    <main>
    \(tiles)\(gapList)\(overview)\(timeLine)\(sections)\
    </main>
    <footer>milvus-tls \(Version.current). Private keys are neither read nor shown. <b>Verified</b>, <b>Exposed</b> and \
    <b>Waiting</b> are what milvus-tls-operator last wrote into the status of each MilvusTLS.</footer>
    </body>
    </html>

    """
  }

  private var tiles: HTML {
    let specified = releases.filter { $0.milvusTLS != nil }
    func count(_ isCounted: (ReportRelease) -> Bool) -> Int { specified.count(where: isCounted) }
    let enabled = specified.filter { $0.ready.kind != .off }
    let exposed = count { $0.exposed.kind == .warning }
    let unknown = count { $0.exposed.kind == .unknown }
    let waiting = count { !$0.waiting.isEmpty }
    let unspecified = releases.count - specified.count
    let first = releases.compactMap { release in release.firstToEnd.map { (release, $0) } }
      .min { ($0.1.notAfter ?? .distantFuture) < ($1.1.notAfter ?? .distantFuture) }
    var tiles: [HTML] = [
      tile("\(releases.count)", "releases", unspecified == 0 ? "" : "\(unspecified) without a MilvusTLS", nil),
      tile("ready", "configured as specified", enabled.map(\.ready.kind)),
      tile("verified", "seen to use TLS", enabled.map(\.verified.kind)),
      tile(
        "\(exposed)",
        "exposed",
        "answer without TLS" + (unknown > 0 ? "; \(unknown) not known" : ""),
        exposed > 0 ? .warning : unknown > 0 ? nil : .good
      ),
      tile("\(waiting)", "waiting", "need time or attention", waiting == 0 ? .good : .warning),
    ]
    if let (release, certificate) = first, let end = certificate.notAfter {
      let isOver = end <= now
      let what = "\(release.namespace)/\(release.name): \(certificate.title)"
      tiles.append(tile(end.day, isOver ? "first end, over" : "first end", what, isOver ? .bad : nil))
    }
    return "<section class=\"tiles\" aria-label=\"Summary\">\n\(tiles)</section>\n"
  }

  /// How many of several states are good.
  private func tile(_ name: String, _ note: String, _ kinds: [ReportBadge.Kind]) -> HTML {
    let good = kinds.count { $0 == .good }
    let kind: ReportBadge.Kind? =
      kinds.isEmpty ? nil : good == kinds.count ? .good : kinds.contains(.bad) ? .bad : .warning
    return tile("\(good) of \(kinds.count)", name, note, kind)
  }

  private func tile(_ number: String, _ name: String, _ note: String, _ kind: ReportBadge.Kind?) -> HTML {
    """
    <div class="tile \(kind?.rawValue ?? "")"><div class="number">\(number)</div><div class="name">\(name)</div>\
    <div class="small">\(note)</div></div>

    """
  }

  private var gapList: HTML {
    guard !gaps.isEmpty else { return "" }
    let items = gaps.map { "<li>\($0)</li>\n" as HTML }
    return "<section class=\"gaps\"><h2>What could not be read</h2>\n<ul>\n\(items)</ul></section>\n"
  }

  private var overview: HTML {
    guard !releases.isEmpty else {
      return "<section><h2>Releases</h2><p>There is no Milvus and no MilvusTLS here.</p></section>\n"
    }
    let rows = releases.enumerated().map { index, release -> HTML in
      let waiting = release.waiting.map { "<div>\($0.type.rawValue): \($0.reason)</div>" as HTML }
      return """
        <tr><th scope="row"><a href="#r\(index + 1)">\(release.namespace)/\(release.name)</a></th>\
        <td>\(release.external)</td><td>\(release.internal)</td><td>\(release.ready.html)</td>\
        <td>\(release.verified.html)</td><td>\(release.exposed.html)</td><td>\(waiting)</td>\
        <td class="time">\(firstEnd(of: release))</td></tr>

        """
    }
    return """
      <section><h2>Releases</h2>
      <table><thead><tr><th scope="col">Release</th><th scope="col">External TLS</th><th scope="col">Internal TLS</th>\
      <th scope="col">Ready</th><th scope="col">Verified</th><th scope="col">Exposed</th><th scope="col">Waiting</th>\
      <th scope="col">First end</th></tr></thead>
      <tbody>
      \(rows)</tbody></table></section>

      """
  }

  private func firstEnd(of release: ReportRelease) -> HTML {
    guard let end = release.firstToEnd?.notAfter else { return "" }
    return end <= now ? ReportBadge(kind: .bad, text: end.day).html : "\(end.day)"
  }

  private var timeLine: HTML {
    let certificates = releases.flatMap(\.certificates)
    guard !certificates.isEmpty else { return "" }
    let axis = TimeAxis(certificates, now: now, left: TimeLine.left, right: TimeLine.right)
    let pictures = TimeLine.pictures(of: releases, axis: axis).map { "<figure>\($0.html)</figure>\n" as HTML }
    return """
      <section><h2>Time line</h2>
      <p class="legend"><span class="key authority"></span>CA <span class="key server"></span>server \
      <span class="key client"></span>client <span class="key pale"></span>due for renewal \
      <span class="key diamond"></span>renewal expected <span class="key window"></span>maintenance window \
      <span class="key over"></span>ended. An arrow: goes on beyond the picture.</p>
      \(pictures)</section>

      """
  }

  private var sections: HTML {
    let sections = releases.enumerated().map { ReportSection(release: $1, number: $0 + 1, now: now).html }
    return "\(sections)"
  }
}

extension ReportRelease {
  var external: String { status.external?.rawValue ?? "not known" }
  var `internal`: String { status.internal.map { $0 ? "Enabled" : "Disabled" } ?? "not known" }
}
