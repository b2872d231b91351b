import Foundation
import MilvusTLS
import PKI

/// The part of a report about one release.
struct ReportSection {
  let release: ReportRelease
  /// Of the release on the page.
  let number: Int
  let now: Date

  private var status: MilvusTLSStatus { release.status }

  var html: HTML {
    """
    <section class="release" id="r\(number)"><h2>\(release.namespace)/\(release.name)</h2>
    \(summary)\(conditions)\(trust)\(certificates)\(evidence)\(exposed)</section>

    """
  }

  private var summary: HTML {
    guard let milvusTLS = release.milvusTLS else {
      return
        "<p>This Milvus has no MilvusTLS: milvus-tls-operator does not manage its TLS, and proves nothing about it.</p>\n"
    }
    let other: HTML = milvusTLS.name == release.name ? "" : " (MilvusTLS \(milvusTLS.name))"
    let stale: HTML =
      release.isStale
      ? "<p class=\"stale\">The status is for generation \(status.observedGeneration ?? 0); the operator has not reported on the current generation \(milvusTLS.generation) yet.</p>\n"
      : ""
    return """
      <p>External TLS <b>\(release.external)</b>, internal TLS <b>\(release.internal)</b>\(other). \
      \(release.ready.html) \(release.verified.html)</p>
      \(stale)
      """
  }

  private var conditions: HTML {
    let rows = status.conditions.map { condition -> HTML in
      """
      <tr><th scope="row">\(condition.type.rawValue)</th><td>\(condition.badge.html)</td><td>\(condition.reason)</td>\
      <td class="text">\(condition.message)</td><td class="time">\(condition.lastTransitionTime ?? "")</td></tr>

      """
    }
    return table(
      "What is ready, proven, exposed and waiting",
      ["Condition", "Status", "Reason", "Message", "Since"],
      rows
    )
  }

  private var trust: HTML {
    let picture = TrustDiagram(release: release, number: number).html
    guard picture != "" else { return "" }
    return """
      <h3>Who trusts whom</h3>
      <p class="legend"><span class="key line"></span>issued <span class="key dashes"></span>trusts</p>
      <figure>\(picture)</figure>

      """
  }

  private var certificates: HTML {
    let rows = release.certificates.map { certificate -> HTML in
      let problems = certificate.problems.map { "<div class=\"problem\">\($0)</div>" as HTML }
      let secret: HTML =
        certificate.secretName == "" ? "" : "<div class=\"small\">Secret \(certificate.secretName)</div>"
      return """
        <tr><th scope="row">\(certificate.title)\(secret)</th><td class="text">\(identity(certificate))\(problems)</td>\
        <td class="text">\(issuer(certificate))</td><td class="text">\(trusted(certificate))</td>\
        <td class="time">\(times(certificate))</td></tr>

        """
    }
    return table("Certificates", ["Certificate", "Subject and names", "Issued by", "Trusts", "Valid"], rows)
  }

  private func identity(_ item: ReportCertificate) -> HTML {
    guard let certificate = item.certificate else { return "<i>not read; times are from the status</i>" }
    let names = (certificate.dnsNames + certificate.ipAddresses).joined(separator: ", ")
    let key = CertificateDescription(file: "", certificate: certificate).key
    return """
      \(certificate.subject.description)<div class="small">\(names)</div>\
      <div class="small">\(key), serial \(certificate.serialNumber), SHA-256 <span class="hex">\(certificate.sha256Fingerprint)</span></div>
      """
  }

  private func issuer(_ item: ReportCertificate) -> HTML {
    guard let certificate = item.certificate else { return "" }
    if certificate.isIssued(by: certificate) { return "itself" }
    guard let issuer = release.issuer(of: item) else {
      return "\(certificate.issuer.description)<div class=\"small\">not among the CAs of this release</div>"
    }
    return name(of: issuer)
  }

  private func trusted(_ item: ReportCertificate) -> HTML {
    guard item.role != .authority, item.certificate != nil else { return "" }
    let names = item.trusted.map { "<div>\(name(of: $0))</div>" as HTML }
    return names.isEmpty ? "no CA" : "\(names)"
  }

  private func name(of authority: Certificate) -> HTML {
    "\(authority.report) <span class=\"small hex\">\(authority.shortFingerprint)</span>"
  }

  private func times(_ certificate: ReportCertificate) -> HTML {
    var lines: [HTML] = []
    if let start = certificate.notBefore { lines.append("<div>from \(start)</div>") }
    if let end = certificate.notAfter {
      let relative = RelativeTime(date: end, now: now).description.dropFirst(end.kubernetesTime.count + 1)
      lines.append("<div>\(end <= now ? "ended" : "ends") \(end) \(String(relative))</div>")
    }
    if let due = certificate.due { lines.append("<div>renewal due \(due)</div>") }
    if let expected = certificate.expected, expected != certificate.due {
      lines.append("<div>renewal expected \(expected)</div>")
    }
    return "\(lines)"
  }

  private var evidence: HTML {
    let pods = status.pods.map { pod in (pod.name, pod.run.container, pod.verdict) }
    let ports = status.endpoints.map { endpoint in (endpoint.name, endpoint.address, endpoint.verdict) }
    let rows = (pods + ports).map { name, place, verdict -> HTML in
      """
      <tr><th scope="row">\(name)</th><td>\(place)</td><td>\(verdict.badge.html)</td><td class="text">\(verdict.text)</td></tr>

      """
    }
    return table("What is proven", ["Pod or port", "Container or address", "Verdict", "Evidence"], rows)
  }

  private var exposed: HTML {
    let rows = status.plaintext.map { port -> HTML in
      let more: HTML = port.pods > 1 ? " and \(port.pods - 1) more" : ""
      return """
        <tr><th scope="row">\(Int(port.port))</th><td>\(port.protocol)</td><td>\(port.example)\(more)</td>\
        <td class="text">\(port.evidence)</td></tr>

        """
    }
    return table("What answers without TLS", ["Port", "Protocol", "Pods", "Evidence"], rows)
  }

  /// Empty without rows.
  private func table(_ title: String, _ columns: [String], _ rows: [HTML]) -> HTML {
    guard !rows.isEmpty else { return "" }
    let head = columns.map { "<th scope=\"col\">\($0)</th>" as HTML }
    return """
      <h3>\(title)</h3>
      <table><thead><tr>\(head)</tr></thead>
      <tbody>
      \(rows)</tbody></table>

      """
  }
}

extension Verdict {
  var badge: ReportBadge {
    switch status {
    case .true: ReportBadge(kind: .good, text: "Confirmed")
    case .false: ReportBadge(kind: .bad, text: "Refuted")
    case .unknown: ReportBadge(kind: .unknown, text: "Unknown")
    }
  }
}
