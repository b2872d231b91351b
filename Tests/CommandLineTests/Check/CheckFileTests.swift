import Testing

/// Files that are no resources of Kubernetes.
@Suite struct CheckFileTests {
  private func findings(_ texts: KeyValuePairs<String, String>) throws -> [String] {
    let files = try CheckedFiles(texts)
    defer { files.folder.remove() }
    return try files.findings()
  }

  private static let paths = "  serverPemPath: /certs/server.pem\n  serverKeyPath: /certs/server.key\n"
  private static let configuration = "proxy:\n  http: {port: 8080}\ncommon: {security: {tlsMode: 1}}\ntls:\n" + paths
  private static let volumes = """
    volumes: [{name: certs, secret: {secretName: certs}}]
    volumeMounts: [{name: certs, mountPath: /certs}]

    """

  private static func values(_ configuration: String, _ rest: String = volumes) -> String {
    let lines = configuration.split(separator: "\n").map { "    \($0)\n" }.joined()
    return "extraConfigFiles:\n  user.yaml: |\n" + lines + rest
  }

  private static func compose(_ volumes: String) -> String {
    """
    services:
      etcd: {image: etcd}
      standalone:
        image: milvusdb/milvus:v2.5.4
        command: ["milvus", "run", "standalone"]
        environment: {}
        volumes:
          - ${DATA:-.}/milvus.yaml:/milvus/configs/milvus.yaml
    \(volumes)
    """
  }

  // MARK: Chart values

  @Test func valuesAreJudgedAsTheMilvusThatTheyMake() throws {
    #expect(
      try findings(["values.yaml": Self.values(Self.configuration)]) == [
        "values.yaml:9:46 note SecretMissing: Secret certs is not among the files and was not judged"
      ]
    )
    let port = try findings([
      "values.yaml": Self.values(Self.configuration.replacing("8080", with: "19530"))
    ])
    #expect(port.first?.hasPrefix("values.yaml:4:14 error Conflict: proxy.http.port is 19530, must be") == true)
    let unmounted = try findings(["values.yaml": Self.values(Self.configuration, "cluster: {enabled: false}\n")])
    #expect(
      unmounted == [
        "values.yaml:7:22 error FilesNotVisible: Milvus reads /certs/server.pem, "
          + "which no Secret or ConfigMap that it mounts provides"
      ]
    )
    let variable = try findings([
      "values.yaml": Self.values(
        Self.configuration.replacing("tlsMode: 1", with: "tlsMode: 1, internaltlsEnabled: true"),
        Self.volumes + "proxy:\n  extraEnv: [{name: COMMON_SECURITY_INTERNALTLSENABLED, value: 'false'}]\n"
      )
    ])
    #expect(
      variable.contains {
        $0.hasPrefix("values.yaml:12:14 error Conflict: proxy.extraEnv[COMMON_SECURITY_INTERNALTLSENABLED] is false")
      },
      "\(variable)"
    )
  }

  @Test func theSecretOfValuesIsJudged() throws {
    let proxy = "proxy:\n  tls: {enabled: true, secretName: s, crt: <bom>, key: <key>}\n"
    #expect(
      try findings(["values.yaml": proxy]) == [
        "values.yaml:2:9 warning Misplaced: proxy.tls makes a Secret and nothing else: Milvus serves without TLS"
      ]
    )
    let mounted =
      proxy + "  volumes: [{name: s, secret: {secretName: s}}]\n  volumeMounts: [{name: s, mountPath: /certs}]\n"
    let configuration = Self.configuration.replacing("server.pem", with: "tls.crt")
      .replacing("server.key", with: "tls.key")
    let found = try findings(["values.yaml": mounted + Self.values(configuration, "")])
    #expect(found.count == 1, "\(found)")
    #expect(found.first?.contains(" error SecretInvalid: tls.crt begins with a byte order mark") == true)
  }

  // MARK: milvus.yaml

  @Test func aConfigurationIsJudgedByItself() throws {
    #expect(try findings(["milvus.yaml": Self.configuration]) == [])
    let doubled = try findings(["milvus.yaml": Self.configuration + "Common.Security.tlsmode: 2\n"])
    #expect(
      doubled.contains { $0.hasPrefix("milvus.yaml:6:1 error Conflict: ") || $0.hasPrefix("milvus.yaml:3:21 error") }
    )
    let bare = try findings(["milvus.yaml": "common:\n  security:\n    tlsMode: 2\n  tls:\n    caPemPath: /ca.pem\n"])
    #expect(
      bare == [
        "milvus.yaml:1:1 error FilesNotVisible: tls.caPemPath, tls.serverKeyPath, tls.serverPemPath are not set: "
          + "Milvus uses what is in its image",
        "milvus.yaml:1:1 note Conflict: proxy.http.port is not set: with TLS, REST cannot share the gRPC port, "
          + "and Milvus 2.6.7 and later do not start",
        "milvus.yaml:4:3 warning Misplaced: common.tls is ignored by Milvus; its place is tls",
      ]
    )
  }

  // MARK: Compose

  @Test func aComposeFileIsJudgedWithWhatItMounts() throws {
    let tls = "      - ./tls:/certs:ro\n"
    let complete: KeyValuePairs = [
      "compose.yml": Self.compose(tls), "milvus.yaml": Self.configuration,
    ]
    let files = try CheckedFiles(complete)
    defer { files.folder.remove() }
    #expect(
      try files.findings() == ["compose.yml:9:9 note SecretMissing: ./tls is not among the files and was not judged"]
    )
    let run = try ProgramRun(["certs", "create", "--out", "\(files.folder.path)/tls", "--days", "365"])
    try #require(run.status == 0, "\(run.errors)")
    #expect(try files.findings() == [])
    try files.folder.write(try files.folder.text("tls/ca.key"), to: "tls/server.key")
    #expect(
      try files.findings() == [
        "compose.yml:9:9 error SecretInvalid: server.key is not the private key of server.pem"
      ]
    )
  }

  @Test func aMountThatIsMissingIsFound() throws {
    let found = try findings([
      "compose.yml": Self.compose("      - data:/var/lib/milvus\n"), "milvus.yaml": Self.configuration,
    ])
    #expect(
      found == [
        "milvus.yaml:5:18 error FilesNotVisible: Milvus reads /certs/server.pem, which no mount of the service provides"
      ]
    )
  }

  @Test(arguments: [
    ("environment: {X: y, PROXY_HTTP_PORT: 19530}", "6:25"), ("environment: [X=y, PROXY_HTTP_PORT=19530]", "6:24"),
  ])
  func aVariableOfAServiceIsFound(environment: String, place: String) throws {
    let compose = Self.compose("      - ./tls:/certs\n").replacing("environment: {}", with: environment)
    let found = try findings(["compose.yml": compose, "milvus.yaml": Self.configuration])
    #expect(
      found.contains { $0.hasPrefix("compose.yml:\(place) error Conflict: standalone.env[PROXY_HTTP_PORT] is 19530") },
      "\(found)"
    )
  }

  // MARK: Certificates and others

  @Test func certificatesAreJudgedWithTheKeyBesideThem() throws {
    #expect(try findings(["server.pem": "<Cert>", "server.key": "<Key>", "ca.pem": "<Ca>"]) == [])
    let files = try CheckedFiles(["server.pem": "<Bom>", "other.pem": "<Cert>"])
    defer { files.folder.remove() }
    try files.folder.write("broken", to: "other.key")
    let found = try files.findings()
    #expect(found.count == 2, "\(found)")
    #expect(
      found.first?.hasPrefix("server.pem:1:1 error CertificateInvalid: server.pem begins with a byte order") == true
    )
    #expect(found.last?.hasPrefix("other.pem:1:1 error CertificateInvalid: other.key ") == true)
  }

  @Test func aLogNamesItsCause() throws {
    let log = """
      [2026/10/02 07:00:00.000 +00:00] [INFO] [roles/roles.go:412] ["starting running Milvus components"]
      [2026/10/02 07:00:01.000 +00:00] [WARN] [proxy/listener_manager.go:131] ["fail to append ca to cert"]
      panic: fail to append ca to cert

      """
    #expect(try findings(["milvus.log": log]) == ["milvus.log:3:1 error LogRefutes: panic: fail to append ca to cert"])
    #expect(try findings(["milvus.log": String(log.prefix(100))]) == [])
  }

  @Test func aNameThatStandsTwiceInAKubeconfigIsFound() throws {
    let text = """
      apiVersion: v1
      kind: Config
      clusters:
        - {name: a, cluster: {server: "https://one.example.com"}}
        - {name: b, cluster: {server: "https://two.example.com"}}
        - {name: a, cluster: {server: "https://three.example.com"}}
      """
    #expect(
      try findings(["config": text]) == [
        #"config:6:5 error Conflict: clusters has two entries named "a": which one counts is not defined"#
      ]
    )
  }
}

/// The examples of the manual: nothing is wrong with them.
@Suite struct CheckManualTests {
  private static let external = """
    proxy:
      http:
        port: 8080
    common:
      security:
        tlsMode: 1
    tls:
      serverPemPath: FOLDER/server.pem
      serverKeyPath: FOLDER/server.key
      caPemPath: FOLDER/ca.pem

    """
  private static let `internal` = """
    common:
      security:
        internaltlsEnabled: true
    internaltls:
      serverPemPath: FOLDER/server.pem
      serverKeyPath: FOLDER/server.key
      caPemPath: FOLDER/ca.pem
      sni: localhost

    """
  private static let mounts = """
    volumes:
      - name: certs
        secret:
          secretName: certs
    volumeMounts:
      - name: certs
        mountPath: /certs
        readOnly: true

    """

  private static func indented(_ text: String, _ count: Int) -> String {
    text.split(separator: "\n").map { String(repeating: " ", count: count) + $0 + "\n" }.joined()
  }

  private static func resource(_ configuration: String) -> String {
    "apiVersion: milvus.io/v1beta1\nkind: Milvus\nmetadata:\n  name: my-release\nspec:\n  config:\n"
      + indented(configuration.replacing("FOLDER", with: "/certs"), 4) + "  components:\n" + indented(mounts, 4)
  }

  private static func values(_ configuration: String) -> String {
    "extraConfigFiles:\n  user.yaml: |+\n" + indented(configuration.replacing("FOLDER", with: "/certs"), 4) + mounts
  }

  private static let compose = """
    services:
      standalone:
        container_name: milvus-standalone
        image: milvusdb/milvus:latest
        command: ["milvus", "run", "standalone"]
        environment:
          ETCD_ENDPOINTS: etcd:2379
        volumes:
          - ${DOCKER_VOLUME_DIRECTORY:-.}/volumes/milvus:/var/lib/milvus
          - ${DOCKER_VOLUME_DIRECTORY:-.}/tls:/milvus/tls
          - ${DOCKER_VOLUME_DIRECTORY:-.}/milvus.yaml:/milvus/configs/milvus.yaml
    """

  @Test(arguments: [external, `internal`])
  func theManualIsClean(configuration: String) throws {
    let standalone = configuration.replacing("FOLDER", with: "/milvus/tls")
    let all: [KeyValuePairs<String, String>] = [
      ["resource.yaml": Self.resource(configuration)], ["values.yaml": Self.values(configuration)],
      ["milvus.yaml": standalone], ["docker-compose.yml": Self.compose, "milvus.yaml": standalone],
    ]
    for texts in all {
      let files = try CheckedFiles(texts)
      defer { files.folder.remove() }
      #expect(try files.findings().filter { !$0.contains(" note ") } == [])
    }
  }
}
