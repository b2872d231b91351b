import JSON
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
  private let allFiles: Set = ["/certs/server.pem", "/certs/server.key", "/certs/ca.pem"]

  private func run(
    _ component: String,
    _ configuration: JSONValue,
    files: Set<String>,
    image: String = "milvusdb/milvus:v2.5.4"
  ) -> (lines: [String], outcome: MilvusProcess.Outcome) {
    let version = MilvusVersion(image: image)
    return MilvusProcess(component: component, configuration: configuration, files: files, version: version).run()
  }

  @Test(arguments: [("querynode", 1), ("mixcoord", 3), ("standalone", 7)])
  func eachServerSaysThatInternalTLSIsOn(component: String, times: Int) {
    let (lines, outcome) = run(component, internalTLS, files: allFiles)
    let line =
      /\[\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{3} \+00:00\] \[INFO\] \[utils\/util\.go:56\] \["Internal TLS Enabled"\] \[value=true\]/
    #expect(lines.count { $0.wholeMatch(of: line) != nil } == times)
    #expect(outcome == .ready)
    #expect(lines.first?.contains("Internal TLS") == false, "other lines come before")
    #expect(lines.last?.contains("Internal TLS") == false, "and after")
  }

  @Test func withoutInternalTLSItSaysFalse() {
    let (lines, outcome) = run("proxy", [:], files: [])
    #expect(lines.contains { $0.hasSuffix("[\"Internal TLS Enabled\"] [value=false]") })
    #expect(!lines.contains { $0.contains("value=true") })
    #expect(outcome == .ready)
  }

  @Test(arguments: [
    (
      "/certs/server.key",
      "[\"querynode can't create creds\"] [error=\"open /certs/server.key: no such file or directory\"]"
    ),
    (
      "/certs/ca.pem",
      "[\"Error reading cert file in client\"] [error=\"open /certs/ca.pem: no such file or directory\"]"
    ),
  ])
  func aMissingFileIsAnErrorAfterTheLineThatSaysTrue(file: String, error: String) throws {
    let (lines, outcome) = run("querynode", internalTLS, files: allFiles.subtracting([file]))
    let enabled = try #require(lines.firstIndex { $0.hasSuffix("[value=true]") })
    let failed = try #require(lines.firstIndex { $0.hasSuffix(error) })
    #expect(enabled < failed)
    #expect(outcome == .unready)
  }

  @Test func aSectionInTheWrongPlaceFallsBackToTheCertificateInTheImage() {
    let (lines, outcome) = run(
      "querynode",
      ["common": ["security": ["internaltlsEnabled": true], "internaltls": internalTLS["internaltls"] ?? [:]]],
      files: []
    )
    #expect(lines.contains { $0.hasSuffix("[path=configs/cert/server.pem]") })
    #expect(outcome == .ready)
  }

  @Test(arguments: [
    (1, "server.key", "proxy can't create creds"), (2, "server.key", "proxy cant load x509 key pair"),
    (2, "ca.pem", "failed read ca pem"),
  ])
  func aProxyWithoutItsCertificateDoesNotStart(mode: Int, file: String, message: String) {
    let configuration: JSONValue = [
      "common": ["security": ["tlsMode": .integer(mode)]],
      "tls": [
        "serverPemPath": "/certs/server.pem", "serverKeyPath": "/certs/server.key", "caPemPath": "/certs/ca.pem",
      ],
    ]
    let files = allFiles.subtracting(["/certs/\(file)"])
    let (lines, outcome) = run("proxy", configuration, files: files)
    #expect(lines.contains { $0.contains("[\"\(message)\"]") })
    #expect(outcome == .crashed)
    #expect(run("querynode", configuration, files: files).outcome == .ready, "only the proxy serves clients")
    #expect(run("proxy", configuration, files: allFiles).outcome == .ready)
  }

  @Test func logsCanBeJSON() throws {
    var configuration = internalTLS
    configuration["log"] = ["format": "json"]
    let (lines, _) = run("querynode", configuration, files: allFiles)
    let documents = try lines.map { try JSONValue(parsing: $0) }
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
}
