import Foundation
import JSON
import Testing
import YAML

/// `milvus-tls render operator --with-secrets`: no Secret is made that somebody else provides.
@Suite(.timeLimit(.minutes(5))) struct RenderSecretsTests {
  private static let arguments = ["render", "operator", "--with-secrets", "-f"]

  private static func milvusTLS(_ spec: String) -> String {
    "---\napiVersion: tls.milvus.io/v1alpha1\nkind: MilvusTLS\nmetadata: {name: my-release}\nspec:\n  \(spec)\n"
  }

  private static func object(_ kind: String, _ version: String, _ name: String, _ namespace: String = "default")
    -> String
  { "---\napiVersion: \(version)\nkind: \(kind)\nmetadata:\n  namespace: \(namespace)\n  name: \(name)\n" }

  @Test("A second run with the new Secrets in the file changes nothing")
  func issuesOnce() throws {
    let run = try ProgramRun(Self.arguments + ["-"], input: RenderTests.milvus)
    let objects = try YAML.parseAll(run.output)
    let names = objects.dropFirst().map { $0[path: "metadata", "name"]?.string }
    #expect(names == ["certs", "certs-ca", "certs-client"])
    let entries = objects.dropFirst().map { Set(($0["data"]?.object ?? [:]).keys) }
    #expect(
      entries == [
        ["server.pem", "server.key", "ca.pem"], ["ca.pem", "ca.key"], ["client.pem", "client.key", "ca.pem"],
      ]
    )
    #expect(!run.output.contains("uid") && !run.output.contains("ownerReferences"))
    let again = try ProgramRun(Self.arguments + ["-"], input: run.output)
    #expect(again.output == run.output)
  }

  @Test("A MilvusTLS whose Secrets somebody else makes is refused with its field")
  func othersSecrets() throws {
    for (spec, message) in [
      (
        "certificate: {source: Provided, secretName: corp}",
        "13:17: spec.certificate.source is Provided: somebody else makes the Secret corp"
      ),
      (
        "certificate: {source: CertManager, issuerRef: {name: corp}}",
        "13:38: spec.certificate.issuerRef names the issuer"
      ),
      ("authority: {secretName: corp-ca}", "13:15: spec.authority.secretName names corp-ca: its owner makes this CA"),
    ] {
      let run = try ProgramRun(Self.arguments + ["-"], input: RenderTests.milvus + Self.milvusTLS(spec))
      #expect(run.status == 1 && run.output == "")
      #expect(run.errors.hasPrefix("Error: <stdin>:\(message)"), "\(run.errors)")
      #expect(run.errors.hasSuffix("; leave out --with-secrets\n") && run.errors.split(separator: "\n").count == 1)
    }
  }

  @Test("Files of several Secrets are their author's")
  func severalSecrets() throws {
    let text = """
      apiVersion: milvus.io/v1beta1
      kind: Milvus
      metadata: {name: a}
      spec:
        config:
          tls: {serverPemPath: /s/server.pem, serverKeyPath: /s/server.key, caPemPath: /c/ca.pem}
        components:
          volumes:
            - {name: s, secret: {secretName: s}}
            - {name: c, secret: {secretName: c}}
          volumeMounts:
            - {name: s, mountPath: /s}
            - {name: c, mountPath: /c}

      """
    let flags = ["--external", "TwoWay"]
    let run = try ProgramRun(Self.arguments + ["-"] + flags, input: text)
    #expect(run.errors.hasPrefix("Error: <stdin>:8:5: spec.components.volumes mounts the files of several"))
    #expect(run.status == 1 && run.output == "")
    let without = try ProgramRun(["render", "operator", "-f", "-"] + flags, input: text)
    #expect(without.status == 0, "\(without.errors)")
  }

  @Test(
    "No Secret is made that the file has or promises",
    arguments: [
      ("SealedSecret", "bitnami.com/v1alpha1"), ("ExternalSecret", "external-secrets.io/v1"),
      ("Certificate", "cert-manager.io/v1"), ("Secret", "v1"),
    ]
  )
  func present(kind: String, version: String) throws {
    let text = RenderTests.milvus + Self.object(kind, version, "certs")
    let run = try ProgramRun(Self.arguments + ["-"], input: text)
    #expect(run.status == 0, "\(run.errors)")
    #expect(try YAML.parseAll(run.output).compactMap { $0["kind"]?.string } == ["Milvus", kind])
    for name in ["certs-ca", "certs-client"] {
      let refused = try ProgramRun(Self.arguments + ["-"], input: RenderTests.milvus + Self.object(kind, version, name))
      #expect(refused.status == 1 && refused.output == "")
      #expect(
        refused.errors.hasPrefix(
          "Error: <stdin>:13:3: this \(kind) provides Secret \(name), and nothing here provides"
        ),
        "\(refused.errors)"
      )
    }
    let elsewhere = try ProgramRun(
      Self.arguments + ["-"],
      input: RenderTests.milvus + Self.object(kind, version, "certs", "other")
    )
    #expect(try YAML.parseAll(elsewhere.output).count == 5)
  }

  @Test("Two Milvus of a namespace get Secrets of different names, and never the same Secret")
  func twoMilvus() throws {
    let mounting = { (name: String) in
      """
      apiVersion: milvus.io/v1beta1
      kind: Milvus
      metadata: {name: \(name)}
      spec:
        components:
          volumes: [{name: certs, secret: {secretName: own}}]
          volumeMounts: [{name: certs, mountPath: /certs, readOnly: true}]

      """
    }
    let run = try ProgramRun(Self.arguments + ["-"], input: mounting("a") + "---\n" + RenderTests.milvus)
    let names = try YAML.parseAll(run.output).dropFirst(2).map { $0[path: "metadata", "name"]?.string }
    #expect(Set(names).count == 6 && names.count == 6, "\(names) \(run.errors)")
    let same = try ProgramRun(Self.arguments + ["-"], input: mounting("a") + "---\n" + mounting("b"))
    #expect(same.status == 1 && same.output == "")
    #expect(same.errors.hasPrefix("Error: <stdin>:11:12: Milvus a gets a Secret own too"), "\(same.errors)")
  }

  @Test("A namespace that is left out is default")
  func namespaces() throws {
    let inDefault = RenderTests.milvus.replacing("metadata:\n", with: "metadata:\n  namespace: default\n")
    let settings = Self.milvusTLS("external: {mode: TwoWay}")
    let named = settings.replacing("{name: my-release}", with: "{name: my-release, namespace: default}")
    for text in [inDefault + settings, RenderTests.milvus + named] {
      let run = try ProgramRun(["render", "operator", "-f", "-"], input: text)
      #expect(try YAML.parseAll(run.output).first?[path: "spec", "config", "common", "security", "tlsMode"] == 2)
    }
    let secret = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: certs}\n"
    let run = try ProgramRun(Self.arguments + ["-"], input: inDefault + secret)
    #expect(try YAML.parseAll(run.output).count == 2, "\(run.errors)")
    let second = RenderTests.milvus.replacing("my-release", with: "other")
    let both = try ProgramRun(["render", "operator", "-f", "-"], input: inDefault + "---\n" + second)
    let mounted = try YAML.parseAll(both.output).map { milvus in
      milvus[path: "spec", "components", "volumes"]?.array?.first?[path: "secret", "secretName"]?.string
    }
    #expect(mounted == ["certs", "other-certs"], "\(both.errors)")
  }

  @Test("A string at the end of the file stays as it is")
  func lastString() throws {
    let text = RenderTests.milvus + "---\nkind: ConfigMap\ndata:\n  a: |\n    text"
    let run = try ProgramRun(Self.arguments + ["-"], input: text)
    #expect(run.status == 1 && run.output == "")
    #expect(run.errors.hasPrefix("Error: <stdin>:12:9: cannot be changed without a line break here"), "\(run.errors)")
    let plain = try ProgramRun(Self.arguments + ["-"], input: String(RenderTests.milvus.dropLast()))
    #expect(try YAML.parseAll(plain.output).count == 4, "\(plain.errors)")
  }

  @Test("Keys come into no file that others can read")
  func modes() throws {
    let folder = try Folder()
    defer { folder.remove() }
    try folder.write(RenderTests.milvus, to: "milvus.yaml")
    let path = "\(folder.path)/milvus.yaml"
    for mode in [0o644, 0o640] {
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
      let run = try ProgramRun(Self.arguments + [path, "-i"])
      #expect(run.status == 1 && run.errors.contains("group or others can read it"), "\(run.errors)")
      #expect(try folder.text("milvus.yaml") == RenderTests.milvus)
    }
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    let run = try ProgramRun(Self.arguments + [path, "-i"])
    #expect(run.status == 0 && run.output == "", "\(run.errors)")
    #expect(try folder.text("milvus.yaml").contains("server.key") && folder.mode("milvus.yaml") == 0o600)
    #expect(try folder.names() == ["milvus.yaml"])
  }
}
