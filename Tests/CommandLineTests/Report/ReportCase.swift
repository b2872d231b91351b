import Foundation
import JSON
import MilvusTLS
import PKI

@testable import milvus_tls

/// What a cluster holds at a fixed date, and the report on it.
struct ReportCase {
  static let now = Date(timeIntervalSince1970: 1_796_040_000)  // 2026-11-30T12:00:00Z

  var objects: [JSONValue] = []
  var gaps: [String] = []

  /// A date so many days from now.
  static func day(_ days: Double) -> Date { now + days * 86400 }

  var page: ReportPage {
    var input = ReportInput(scope: "A test", gaps: gaps)
    input.milvusTLS = objects.filter { $0["kind"] == "MilvusTLS" }.compactMap(ObservedMilvusTLS.init)
    input.milvuses = objects.filter { $0["kind"] == "Milvus" }.compactMap(ObservedMilvus.init)
    input.secrets = objects.filter { $0["kind"] == "Secret" }.compactMap(ReportSecret.init)
    return ReportPage(input, now: Self.now)
  }

  var text: String { page.html.text }

  // MARK: Certificates

  static func authority(_ name: String, from begin: Double, to end: Double) throws -> CertificateAuthority {
    try .selfSigned(
      subject: DistinguishedName(commonName: name),
      algorithm: .ecdsa(.p256),
      validity: Validity(notBefore: day(begin), notAfter: day(end))
    )
  }

  static func leaf(
    _ purpose: Purpose,
    _ name: String,
    by authority: CertificateAuthority,
    from begin: Double,
    to end: Double
  ) throws -> (certificate: Certificate, key: PrivateKey) {
    let key = try PrivateKey(generating: .ecdsa(.p256))
    let validity = Validity(notBefore: day(begin), notAfter: day(end))
    let subject = try DistinguishedName(commonName: name)
    let request = try LeafRequest(
      purpose: purpose,
      subject: subject,
      dnsNames: ["milvus.example.com"],
      validity: validity
    )
    return (try authority.issue(request, key: key), key)
  }

  // MARK: Objects

  static func metadata(_ name: String, _ namespace: String = "search") -> JSONValue {
    [
      "name": .string(name), "namespace": .string(namespace), "uid": .string("uid-\(name)"), "resourceVersion": "1",
      "generation": 1,
    ]
  }

  static func milvus(_ name: String) -> JSONValue {
    ["apiVersion": "milvus.io/v1beta1", "kind": "Milvus", "metadata": metadata(name), "spec": [:]]
  }

  static func milvusTLS(_ name: String, spec: JSONValue = [:], status: JSONValue) -> JSONValue {
    [
      "apiVersion": "tls.milvus.io/v1alpha1", "kind": "MilvusTLS", "metadata": metadata(name), "spec": spec,
      "status": status,
    ]
  }

  static func secret(_ name: String, _ files: [String: String]) -> JSONValue {
    [
      "apiVersion": "v1", "kind": "Secret", "metadata": metadata(name),
      "data": .object(files.mapValues { .string(Data($0.utf8).base64EncodedString()) }),
    ]
  }

  static func condition(_ type: String, _ status: String, _ reason: String, _ message: String) -> JSONValue {
    [
      "type": .string(type), "status": .string(status), "reason": .string(reason), "message": .string(message),
      "observedGeneration": 1, "lastTransitionTime": "2026-11-29T00:00:00Z",
    ]
  }

  /// The status of a release with a server, a client and a CA.
  static func status(_ conditions: [JSONValue], name: String = "my-release") -> JSONValue {
    [
      "observedGeneration": 1, "external": "TwoWay", "internal": true, "conditions": .array(conditions),
      "certificate": [
        "secretName": "certs", "source": "Operator", "notBefore": .string(day(-100).kubernetesTime),
        "notAfter": .string(day(265).kubernetesTime), "renewalTime": .string(day(150).kubernetesTime),
      ],
      "authority": ["secretName": "certs-ca", "source": "Operator", "notAfter": .string(day(3550).kubernetesTime)],
      "clients": [["name": "app", "secretName": "certs-app", "notAfter": .string(day(266).kubernetesTime)]],
      "pods": [.pod("\(name)-milvus-proxy-0", verdict: "True", "[value=true]")],
      "plaintext": [
        [
          "port": 9091, "protocol": "HTTP", "evidence": "metrics", "pods": 2,
          "example": .string("\(name)-milvus-proxy-0"),
        ]
      ],
    ]
  }

  /// A release as the operator leaves it.
  static func release(spec: JSONValue = [:]) throws -> ReportCase {
    let authority = try authority("my-release authority", from: -100, to: 3550)
    let server = try leaf(.server, "my-release-milvus", by: authority, from: -100, to: 265)
    let client = try leaf(.client, "app", by: authority, from: -99, to: 266)
    let bundle = authority.certificate.pem
    let conditions = [
      condition("Ready", "True", "Configured", "Certificates are in place"),
      condition("Verified", "True", "HandshakesConfirm", "2 handshakes with 1 pod confirmed the certificate"),
      condition("PlaintextExposed", "True", "AnswersInPlaintext", "Port 9091 answers without TLS"),
      condition("RotationPending", "True", "OutsideWindow", "Renewal is waiting for the next window"),
    ]
    return ReportCase(objects: [
      milvus("my-release"), milvusTLS("my-release", spec: spec, status: status(conditions)),
      secret("certs-ca", ["ca.pem": bundle, "ca.key": try authority.key.pem()]),
      secret("certs", ["server.pem": server.certificate.pem, "server.key": try server.key.pem(), "ca.pem": bundle]),
      secret(
        "certs-app",
        ["client.pem": client.certificate.pem, "client.key": try client.key.pem(), "ca.pem": bundle]
      ),
    ])
  }
}
