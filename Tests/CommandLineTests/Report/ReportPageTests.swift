import Foundation
import JSON
import MilvusTLS
import PKI
import Testing

@testable import milvus_tls

@Suite struct ReportPageTests {
  private static let hostile = "</title></text></svg><script>alert(1)</script><img src=x onerror=\"a\">&'\u{202E}\u{0}"

  @Test func aReleaseIsShownWithItsCertificatesTimesTrustAndEvidence() throws {
    let release = try ReportCase.release()
    let page = release.page
    let server = try #require(page.releases.first?.certificates.first { $0.role == .server })
    let due = try #require(server.due)
    let text = page.html.text
    for fact in [
      "A test, as of <time>2026-11-30T12:00:00Z</time>", "Today 2026-11-30", "<a href=\"#r1\">search/my-release</a>",
      "<td>TwoWay</td><td>Enabled</td>", "Port 9091</span>", "<div>RotationPending: OutsideWindow</div>",
      "Renewal is waiting for the next window", "2 handshakes with 1 pod confirmed the certificate",
      "CN=my-release-milvus", "milvus.example.com", "Client app", "Secret certs-app", "ends 2027-08-22",
      "ends <time>2027-08-22T12:00:00Z</time> (in 265 days)", "renewal due <time>\(due.kubernetesTime)</time>",
      "my-release-milvus-proxy-0 and 1 more", "[value=true]", "my-release authority issued Server",
      "Client app trusts my-release authority", "Server trusts my-release authority",
    ] { #expect(text.contains(fact), "\(fact)") }
    // The last third, less the tenth of it over which renewals are spread.
    #expect((ReportCase.day(265 - 365 / 3.0 - 1)...ReportCase.day(265 - 365 / 3.0 * 0.9 + 1)).contains(due))
    #expect(text.hasPrefix("<!doctype html>\n"))
    for outside in ["http:", "https:", "<script", "<img", "<link", "url(", "@import", "src="] {
      #expect(!text.contains(outside), "\(outside)")
    }
  }

  @Test func theSameInputGivesTheSamePage() throws {
    var release = try ReportCase.release()
    let first = release.text
    release.objects.reverse()
    #expect(release.text == first)
  }

  @Test func textFromTheClusterIsNoMarkup() throws {
    let text = Self.hostile
    let authority = try ReportCase.authority("<script>ca</script>", from: -1, to: 100)
    let server = try ReportCase.leaf(.server, "<img src=cn>", by: authority, from: -1, to: 50)
    var status = ReportCase.status([ReportCase.condition("Ready", "False", text, text)], name: text)
    status["certificate"]?["secretName"] = .string(text)
    status["clients"] = [["name": .string(text), "secretName": .string(text), "notAfter": .string(text)]]
    status["pods"] = [.pod(text, verdict: "False", text)]
    status["endpoints"] = [
      [
        "name": .string(text), "address": .string(text), "podUID": "1", "restartCount": 0, "certificate": "",
        "verdict": "True", "evidence": .string(text),
      ]
    ]
    status["plaintext"] = [
      ["port": 1, "protocol": .string(text), "evidence": .string(text), "pods": 2, "example": .string(text)]
    ]
    let files = ["server.pem": server.certificate.pem, "ca.pem": authority.certificate.pem, text + ".pem": "damage"]
    var page = ReportCase(objects: [
      ReportCase.milvus(text + "2"), ReportCase.milvusTLS(text, status: status), ReportCase.secret(text, files),
    ])
    page.gaps = [text]
    let html = page.text
    #expect(
      html.contains(
        "&lt;/title&gt;&lt;/text&gt;&lt;/svg&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=&quot;a&quot;&gt;&amp;&#39;\u{FFFD} "
      )
    )
    #expect(html.contains("&lt;script&gt;ca&lt;/script&gt;"))
    #expect(html.contains("&lt;img src=cn&gt;"))
    for markup in ["<script", "<img", "\u{202E}", "\u{0}", "onerror=\""] {
      #expect(!html.contains(markup), "\(markup)")
    }
    // The program writes as many of each as it opens.
    for tag in ["svg", "title", "text", "td", "th", "tr", "table", "section", "div", "figure"] {
      let opened = html.matches(of: try Regex("<\(tag)[ >]")).count
      #expect(html.matches(of: try Regex("</\(tag)>")).count == opened, "\(tag)")
    }
  }

  @Test func anEmptyClusterIsSaidToBeEmpty() {
    let text = ReportCase().text
    #expect(text.contains("There is no Milvus and no MilvusTLS here."))
    #expect(!text.contains("<svg"))
    #expect(!text.contains("tile good\"><div class=\"number\">0 of 0"))
  }

  @Test func aMilvusWithoutAMilvusTLSIsShownAsSuch() {
    let text = ReportCase(objects: [ReportCase.milvus("archive")]).text
    #expect(text.contains("1 without a MilvusTLS"))
    #expect(text.contains("This Milvus has no MilvusTLS"))
  }

  @Test func aSecretOfAFileMayHaveItsCertificateAsText() throws {
    let authority = try ReportCase.authority("house", from: -10, to: 300)
    let secret: JSONValue = [
      "kind": "Secret", "metadata": ["name": "certs", "namespace": "default"],
      "stringData": ["ca.pem": .string(authority.certificate.pem)],
    ]
    #expect(ReportSecret(secret)?.bundle?.certificates == [authority.certificate])
  }

  @Test func aDamagedSecretIsNamedAndItsTimesAreThoseOfTheStatus() throws {
    var release = try ReportCase.release()
    release.objects[3] = ReportCase.secret(
      "certs",
      ["server.pem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "ca.pem": "text"]
    )
    release.objects[4]["data"] = ["client.pem": "no base64!"]
    let text = release.text
    #expect(text.contains("<div class=\"problem\">server.pem of Secret certs: "))
    #expect(text.contains("<div class=\"problem\">ca.pem of Secret certs: "))
    #expect(text.contains("<div class=\"problem\">client.pem of Secret certs-app: not base64</div>"))
    #expect(text.contains("not read; times are from the status"))
    #expect(text.contains("ends <time>2027-08-22T12:00:00Z</time>"))
    #expect(text.contains("renewal due <time>2027-04-29T12:00:00Z</time>"))
  }

  @Test func privateKeysAreNeitherReadNorShown() throws {
    var release = try ReportCase.release()
    let text = release.text
    #expect(!text.contains("PRIVATE"))
    for (index, key) in [(2, "ca.key"), (3, "server.key"), (4, "client.key")] {
      #expect(release.objects[index]["data"]?[key] != nil)
      release.objects[index]["data"]?[key] = nil
    }
    #expect(release.text == text)
  }

  @Test func aStatusOfAnEarlierGenerationProvesNothing() throws {
    var release = try ReportCase.release()
    release.objects[1]["metadata"]?["generation"] = 2
    let text = release.text
    #expect(text.contains("The status is for generation 1; the operator has not reported on the current generation 2"))
    #expect(text.contains("<div class=\"number\">0 of 1</div><div class=\"name\">verified</div>"))
  }

  @Test func aCertificateThatHasEndedIsMarkedInWordsToo() throws {
    let authority = try ReportCase.authority("old authority", from: -400, to: 400)
    let server = try ReportCase.leaf(.server, "old", by: authority, from: -300, to: -2)
    var release = try ReportCase.release()
    release.objects[3] = ReportCase.secret(
      "certs",
      ["server.pem": server.certificate.pem, "ca.pem": authority.certificate.pem]
    )
    let text = release.text
    #expect(text.contains("<rect class=\"bar over\""))
    #expect(text.contains("ended 2026-11-28 12:00</text>"))
    #expect(text.contains("first end, over"))
  }

  @Test func duringARotationBothCAsAreDrawn() throws {
    var release = try ReportCase.release()
    let next = try ReportCase.authority("my-release authority v2", from: -1, to: 3649)
    let encoded = JSONValue.string(Data(next.certificate.pem.utf8).base64EncodedString())
    release.objects[2]["data"]?["next.pem"] = encoded
    let page = release.page
    #expect(page.releases.first?.certificates.map(\.title) == ["CA", "Server", "Client app", "Next CA"])
    #expect(page.releases.first?.authorities.count == 2)
    #expect(page.html.text.contains("my-release authority v2 · \(next.certificate.sha256Fingerprint.prefix(8))"))
  }
}
