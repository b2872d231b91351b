import Foundation
import JSON
import PKI
import Testing

@testable import ClusterSimulator

// Lines and order as in Milvus 2.5, internal/distributed/utils/util.go and internal/distributed/proxy/service.go.
@Suite struct MilvusProcessTests {
  private let internalTLS: JSONValue = [
    "common": ["security": ["internaltlsEnabled": true]],
    "internaltls": [
      "serverPemPath": "/certs/server.pem", "serverKeyPath": "/certs/server.key", "caPemPath": "/certs/ca.pem",
    ],
  ]
  private let allFiles: [String: String]

  init() throws {
    allFiles = try MilvusCertificates().files()
  }

  private func run(
    _ component: String,
    _ configuration: JSONValue,
    files: [String: String],
    image: String = "milvusdb/milvus:v2.5.4"
  ) -> MilvusProcess.Start {
    var mounted = ContainerFiles()
    let data = files.mapValues { JSONValue.string(Data($0.utf8).base64EncodedString()) }
    let mount: JSONValue = ["name": "certs", "mountPath": "/certs/"]
    mounted.add(["data": .object(data)], of: ["name": "certs", "secret": [:]], to: ["volumeMounts": [mount]])
    let version = MilvusVersion(image: image)
    return MilvusProcess(component: component, configuration: configuration, files: mounted, version: version).run()
  }

  private func external(mode: Int) -> JSONValue {
    [
      "common": ["security": ["tlsMode": .integer(mode)]],
      "tls": [
        "serverPemPath": "/certs/server.pem", "serverKeyPath": "/certs/server.key", "caPemPath": "/certs/ca.pem",
      ],
    ]
  }

  @Test(arguments: [("querynode", 1), ("mixcoord", 3), ("standalone", 7)])
  func eachServerSaysThatInternalTLSIsOn(component: String, times: Int) {
    let start = run(component, internalTLS, files: allFiles)
    let line =
      /\[\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{3} \+00:00\] \[INFO\] \[utils\/util\.go:56\] \["Internal TLS Enabled"\] \[value=true\]/
    #expect(start.lines.count { $0.wholeMatch(of: line) != nil } == times)
    #expect(start.outcome == .ready)
    #expect(start.lines.first?.contains("Internal TLS") == false, "other lines come before")
    #expect(start.lines.last?.contains("Internal TLS") == false, "and after")
  }

  @Test func withoutInternalTLSItSaysFalse() {
    let start = run("proxy", [:], files: [:])
    #expect(start.lines.contains { $0.hasSuffix("[\"Internal TLS Enabled\"] [value=false]") })
    #expect(!start.lines.contains { $0.contains("value=true") })
    #expect(start.outcome == .ready)
  }

  @Test(
    arguments: [
      (
        "server.key", nil,
        "[\"querynode can't create creds\"] [error=\"open /certs/server.key: no such file or directory\"]"
      ),
      (
        "server.key", "garbage",
        "[\"querynode can't create creds\"] [error=\"tls: failed to find any PEM data in key input\"]"
      ),
      (
        "server.pem", "garbage",
        "[\"querynode can't create creds\"] [error=\"tls: failed to find any PEM data in certificate input\"]"
      ),
      (
        "server.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "[\"querynode can't create creds\"] [error=\"x509: malformed certificate\"]"
      ),
      (
        "ca.pem", nil,
        "[\"Error reading cert file in client\"] [error=\"open /certs/ca.pem: no such file or directory\"]"
      ),
      ("ca.pem", "garbage", "[\"Failed to append certificates to pool\"]"),
    ] as [(String, String?, String)]
  )
  func aFileThatIsMissingOrGarbageIsAnErrorAfterTheLineThatSaysTrue(
    file: String,
    content: String?,
    error: String
  ) throws {
    var files = allFiles
    files[file] = content
    let start = run("querynode", internalTLS, files: files)
    let enabled = try #require(start.lines.firstIndex { $0.hasSuffix("[value=true]") })
    let failed = try #require(start.lines.firstIndex { $0.hasSuffix(error) })
    #expect(enabled < failed)
    #expect(start.outcome == .unready)
    #expect(start.endpoints.isEmpty)
  }

  @Test func aKeyOfAnotherCertificateIsAnError() throws {
    var files = allFiles
    files["server.key"] = try PrivateKey(generating: .ecdsa(.p256)).pem()
    let start = run("proxy", external(mode: 1), files: files)
    let error = "[\"proxy can't create creds\"] [error=\"tls: private key does not match public key\"]"
    #expect(start.lines.contains { $0.hasSuffix(error) })
    #expect(start.outcome == .crashed)
  }

  @Test func aSectionInTheWrongPlaceFallsBackToTheCertificateInTheImage() throws {
    let start = run(
      "querynode",
      ["common": ["security": ["internaltlsEnabled": true], "internaltls": internalTLS["internaltls"] ?? [:]]],
      files: [:]
    )
    #expect(start.lines.contains { $0.hasSuffix("[path=configs/cert/server.pem]") })
    #expect(start.outcome == .ready)
    let certificate = try #require(start.endpoints.first?.tls?.chain.first)
    #expect(certificate.dnsNames == ["localhost"])
  }

  @Test(arguments: [
    (1, "server.key", "proxy can't create creds"), (2, "server.key", "proxy cant load x509 key pair"),
    (2, "ca.pem", "failed read ca pem"),
  ])
  func aProxyWithoutItsCertificateDoesNotStart(mode: Int, file: String, message: String) {
    let configuration = external(mode: mode)
    var files = allFiles
    files[file] = nil
    let start = run("proxy", configuration, files: files)
    #expect(start.lines.contains { $0.contains("[\"\(message)\"]") })
    #expect(start.outcome == .crashed)
    #expect(run("querynode", configuration, files: files).outcome == .ready, "only the proxy serves clients")
    #expect(run("proxy", configuration, files: allFiles).outcome == .ready)
  }

  @Test func anAuthorityThatIsNoneCrashesATwoWayProxy() {
    var files = allFiles
    files["ca.pem"] = "garbage"
    let start = run("proxy", external(mode: 2), files: files)
    #expect(start.lines.contains { $0.contains("[\"fail to append ca to cert\"]") })
    #expect(start.outcome == .crashed)
    #expect(run("proxy", external(mode: 1), files: files).outcome == .ready, "one-way does not read it")
  }

  @Test func logsCanBeJSON() throws {
    var configuration = internalTLS
    configuration["log"] = ["format": "json"]
    let documents = try run("querynode", configuration, files: allFiles).lines.map { try JSONValue(parsing: $0) }
    let line = try #require(documents.first { $0["message"] == "Internal TLS Enabled" })
    #expect(line["value"] == true)
    #expect(line["level"] == "INFO")
  }

  @Test func internalTLSCameWithMilvusTwoFive() {
    let old = run("querynode", internalTLS, files: allFiles, image: "milvusdb/milvus:v2.4.15")
    #expect(!old.lines.contains { $0.contains("Internal TLS") })
    let tagless = run("querynode", internalTLS, files: allFiles, image: "milvusdb/milvus:latest")
    #expect(tagless.lines.contains { $0.contains("Internal TLS") })
  }

  @Test(arguments: [
    ("standalone", "v2.5.4", [9091, 13333, 19529, 19530, 19531, 21121, 21123, 21124, 53100]),
    ("standalone", "v2.6.0", [9091, 13333, 19529, 19530, 19531, 21123, 21124, 22222, 53100]),
    ("mixcoord", "v2.5.4", [9091, 13333, 19531, 53100]), ("mixcoord", "v2.4.15", [9091, 13333, 19531, 31000, 53100]),
    ("streamingnode", "v2.6.0", [9091, 22222]), ("proxy", "v2.5.4", [9091, 19529, 19530]),
  ])
  func aComponentListensOnThePortsOfItsServers(component: String, version: String, ports: [UInt16]) {
    let start = run(component, [:], files: [:], image: "milvusdb/milvus:\(version)")
    #expect(start.endpoints.map(\.port).sorted() == ports)
  }

  @Test func restHasAPortOfItsOwnWhereOneIsConfigured() {
    func ports(_ http: JSONValue) -> [UInt16] {
      run("proxy", ["proxy": ["http": http]], files: [:]).endpoints.filter { $0.dialect == .http }.map(\.port)
    }
    #expect(ports(["port": 8080]) == [8080])
    #expect(ports(["port": 8080, "enabled": false]).isEmpty)
    #expect(ports(["port": 19530]).isEmpty, "shared with gRPC")
    #expect(ports([:]).isEmpty)
  }
}
