import Foundation
import JSON
import Testing
import YAML

/// `milvus-tls render` on files as users have them; `Tests/Fixtures/Render` holds them, and what they become.
@Suite(.timeLimit(.minutes(5))) struct RenderTests {
  // MARK: Byte for byte

  @Test(
    "Files become what is recorded, and nothing changes at a second run",
    arguments: [
      RenderCase("operator", "commented.yaml"), RenderCase("operator", "flow.yaml", "--external", "TwoWay"),
      RenderCase("operator", "windows.yaml", "--internal", "--external", "OneWay"),
      RenderCase("operator", "several.yaml"), RenderCase("operator", "own-mounts.yaml"),
      RenderCase("helm", "plain.yaml"), RenderCase("helm", "published.yaml", "--external", "TwoWay"),
      RenderCase("helm", "proxy-tls.yaml"),
    ]
  )
  func recorded(file: RenderCase) throws {
    let source = try file.text()
    let run = try ProgramRun(file.arguments)
    #expect(run.status == 0, "\(run.errors)")
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] != nil { try file.record(run.output) }
    #expect(try run.output == file.expected())
    #expect(Self.lost(from: source, in: run.output).count == file.changedLines)
    let again = try ProgramRun(["render", file.kind, "-f", "-"] + file.flags, input: run.output)
    #expect(again.output == run.output, "\(again.errors)")
  }

  /// Lines that are no longer there as they were.
  static func lost(from source: String, in result: String) -> [String] {
    let lines = { (text: String) in text.replacing("\r\n", with: "\n").split(separator: "\n").map(String.init) }
    let difference = lines(result).difference(from: lines(source))
    return difference.removals.map { change in
      guard case .remove(_, let line, _) = change else { return "" }
      return line
    }
  }

  // MARK: The manual

  @Test("The manual's resource without TLS becomes the manual's with TLS, key by key")
  func manualResource() throws {
    let external = try Self.render("operator", input: "operator/plain.yaml")
    let extra: JSONValue = ["spec": ["components": ["standalone": ["serviceRestfulPort": 8080]]]]
    #expect(external == (try Self.fixture("operator/manual-external.yaml").merging(extra)))
    let flags = ["--internal", "--server-name", "localhost"]
    #expect(
      try Self.render("operator", flags, input: "operator/plain-rest.yaml")
        == Self.fixture("operator/manual-internal.yaml")
    )
  }

  @Test("The manual's values without TLS become the manual's with TLS, key by key")
  func manualValues() throws {
    let external = try Self.values(YAML.parse(ProgramRun(["render", "helm", "-f", "-"], input: "").output))
    #expect(external == (try Self.values(Self.fixture("helm/manual-external.yaml"))))
    let flags = ["--internal", "--server-name", "localhost"]
    let run = try ProgramRun(["render", "helm", "-f", "-"] + flags, input: "")
    #expect(try Self.values(YAML.parse(run.output)) == Self.values(Self.fixture("helm/manual-internal.yaml")))
  }

  @Test("The manual's resource and values with TLS need nothing more than the port of the Service for REST")
  func manualWithTLS() throws {
    for name in ["helm/manual-external.yaml", "helm/manual-internal.yaml", "operator/manual-internal.yaml"] {
      let kind = String(name.prefix { $0 != "/" })
      let run = try ProgramRun(["render", kind, "-f", RenderCase.path(name)])
      #expect(try run.output == RenderCase.text(name), "\(run.errors)")
    }
  }

  private static func render(_ kind: String, _ flags: [String] = [], input: String) throws -> JSONValue {
    let run = try ProgramRun(["render", kind, "-f", RenderCase.path(input)] + flags)
    #expect(run.status == 0, "\(run.errors)")
    return try YAML.parse(run.output)
  }

  static func fixture(_ name: String) throws -> JSONValue { try YAML.parse(RenderCase.text(name)) }

  /// Values with user.yaml as a mapping.
  private static func values(_ values: JSONValue) throws -> JSONValue {
    let place: JSONPointer = "/extraConfigFiles/user.yaml"
    var values = values
    values[place] = try YAML.parse(values[place]?.string ?? "")
    return values
  }

  // MARK: Options

  @Test("--diff shows the added lines alone")
  func diff() throws {
    let run = try ProgramRun(["render", "operator", "-f", "-", "--diff", "--external", "OneWay"], input: Self.milvus)
    #expect(
      run.output == """
        --- <stdin>
        +++ <stdin>
        @@ -4,4 +4,26 @@
           name: my-release # ours
         spec:
           mode: standalone
        +  config:
        +    proxy:
        +      http:
        +        port: 8080
        +    common:
        +      security:
        +        tlsMode: 1
        +    tls:
        +      serverPemPath: /certs/server.pem
        +      serverKeyPath: /certs/server.key
        +      caPemPath: /certs/ca.pem
        +  components:
        +    volumes:
        +      - name: certs
        +        secret:
        +          secretName: certs
        +    volumeMounts:
        +      - name: certs
        +        mountPath: /certs
        +        readOnly: true
        +    standalone:
        +      serviceRestfulPort: 8080
         # the end

        """
    )
  }

  static let milvus = """
    apiVersion: milvus.io/v1beta1
    kind: Milvus
    metadata:
      name: my-release # ours
    spec:
      mode: standalone
    # the end

    """

  @Test("A MilvusTLS in the file says which TLS, and flags beside it are refused with its place")
  func milvusTLS() throws {
    let text =
      Self.milvus + "---\napiVersion: tls.milvus.io/v1alpha1\nkind: MilvusTLS\nmetadata: {name: my-release}\n"
      + "spec:\n  external: {mode: TwoWay, restPort: 8443}\n  mount: {path: /tls}\n"
    let run = try ProgramRun(["render", "operator", "-f", "-"], input: text)
    let config = try YAML.parse(run.output)[path: "spec", "config"]
    #expect(config?[path: "common", "security", "tlsMode"] == 2)
    #expect(config?[path: "proxy", "http", "port"] == 8443)
    #expect(config?[path: "tls", "serverPemPath"] == "/tls/server.pem")
    let refused = try ProgramRun(["render", "operator", "-f", "-", "--internal"], input: text)
    #expect(
      refused.errors == "Error: <stdin>:12:1: this MilvusTLS specifies the TLS; change it instead of using flags\n"
    )
  }

  @Test("The Service for REST selects the pods that serve it")
  func restService() throws {
    let run = try ProgramRun([
      "render", "helm", "-f", RenderCase.path("helm/plain.yaml"), "--rest-service", "--release", "search", "-n", "team",
    ])
    let labels: JSONValue = ["app.kubernetes.io/name": "milvus", "app.kubernetes.io/instance": "search"]
    #expect(
      try YAML.parse(run.output) == [
        "apiVersion": "v1", "kind": "Service",
        "metadata": ["name": "search-milvus-rest", "namespace": "team", "labels": labels],
        "spec": [
          "type": "ClusterIP", "selector": labels.merging(["component": "standalone"]),
          "ports": [["name": "rest", "port": 8080, "protocol": "TCP", "targetPort": 8080]],
        ],
      ]
    )
  }
}
