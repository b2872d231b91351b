import Testing

/// What `milvus-tls render` cannot do without harm it refuses in one line that names the place.
@Suite(.timeLimit(.minutes(5))) struct RenderRefusalTests {
  private static let head = "apiVersion: milvus.io/v1beta1\nkind: Milvus\nmetadata: {name: a}\n"

  @Test(
    arguments: [
      ("operator", "a: 1\n", [], "1:1: no Milvus (apiVersion milvus.io/v1beta1) in this file"),
      ("operator", "kind: Milvus\napiVersion: milvus.io/v1alpha1\n", [], "2:1: apiVersion of a Milvus must be"),
      ("operator", "kind: List\nitems: [{kind: Milvus}]\n", [], "2:1: a Milvus in a List cannot be rendered"),
      (
        "operator", "apiVersion: milvus.io/v1beta1\nkind: Milvus\nmetadata:\n  generateName: a\n", [],
        "3:1: metadata.name"
      ),
      ("operator", head + "spec:\n\tconfig: {}\n", [], "5:1: found character that cannot start any token"),
      ("operator", head + "spec: {a: 1}\nspec: {b: 1}\n", [], "5:1: duplicate key"),
      (
        "operator", head + "spec:\n  config: {common: {security: {tlsMode: 0}}}\n", [],
        "5:32: spec.config.common.security.tlsMode is 0"
      ),
      (
        "operator", head + "spec:\n  config:\n    TLS: {serverpempath: /a}\n    tls:\n      serverPemPath: /b\n", [],
        "8:7: "
      ),
      (
        "operator", head + "spec:\n  components:\n    env:\n    - {name: COMMON_SECURITY_TLSMODE, value: \"2\"}\n",
        ["--external", "OneWay"], "7:7: spec.components.env[COMMON_SECURITY_TLSMODE] is 2, must be 1"
      ),
      (
        "operator", head + "spec: {components: {image: milvusdb/milvus:v2.4.1}}\n", ["--internal"],
        "4:21: spec.components.image is"
      ),
      (
        "operator", head.replacing("{name: a}", with: "{name: a, annotations: {tls.milvus.io/external: Two}}"), [],
        "3:35: metadata.annotations.tls.milvus.io/external"
      ),
      (
        "operator", head.replacing("{name: a}", with: "{name: a, annotations: {tls.milvus.io/external: OneWay}}"),
        ["--external", "TwoWay"], "3:35: annotation tls.milvus.io/external is OneWay, but the flag says TwoWay"
      ),
      (
        "operator", head + "spec:\n  components: &c {a: 1}\nother: *c\n", [], "5:15: a change of anchor &c would change"
      ),
      ("operator", head + "spec:\n  config: [1]\n", [], "5:3: "),
      ("helm", "a: 1\n---\nb: 1\n", [], "3:1: values are one document"),
      ("helm", "- a\n", [], "1:1: values must be a mapping"),
      ("helm", "customConfigMap: mine\n", [], "1:1: the chart ignores extraConfigFiles beside customConfigMap"),
      ("helm", "volumes: {}\n", [], "1:1: volumes must be a list"),
      ("helm", "extraConfigFiles:\n  user.yaml: \"a: 1\"\n", [], "2:14: cannot be changed in its style; write it as"),
      ("helm", "extraConfigFiles:\n  user.yaml: {a: 1}\n", [], "2:3: user.yaml must be a string (|)"),
      (
        "helm", "extraConfigFiles:\n  user.yaml: |\n    common:\n      security:\n        tlsMode: 0 # off\n", [],
        "5:9: "
      ),
      ("helm", "proxy:\n  extraEnv:\n  - name: COMMON_SECURITY_TLSMODE\n    value: \"0\"\n", [], "3:5: proxy.extraEnv"),
      (
        "helm", "proxy:\n  volumes:\n  - {name: certs, secret: {secretName: certs}}\n  volumeMounts: []\n",
        ["--internal"],
        "2:3: TLS for all components needs volumes certs at the top level; move it from proxy"
      ),
      (
        "helm", "proxy:\n  tls: {enabled: true, secretName: s}\n", ["--external", "TwoWay"],
        "2:3: the Secret of proxy.tls has no CA"
      ),
    ] as [(String, String, [String], String)]
  )
  func places(kind: String, text: String, flags: [String], message: String) throws {
    let run = try ProgramRun(["render", kind, "-f", "-"] + flags, input: text)
    #expect(run.status == 1 && run.output == "")
    #expect(run.errors.hasPrefix("Error: <stdin>:\(message)"), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1)
  }

  @Test(
    arguments: [
      (["operator"], "Missing expected argument '--filename <filename>'"),
      (["operator", "-f", "-", "--external", "Both"], "must be one of Disabled, OneWay, TwoWay"),
      (["operator", "-f", "-", "--server-name", "x"], "--server-name: needs --internal"),
      (["operator", "-f", "-", "--in-place"], "--in-place: needs a file, not standard input"),
      (["operator", "-f", "a", "--in-place", "--diff"], "--diff and --in-place exclude each other"),
      (["helm", "-f", "-", "--rest-port", "70000"], "--rest-port 70000: must be 0 to 65535"),
      (["compose", "-f", "-"], "Missing expected argument '--milvus-yaml <milvus-yaml>'"),
    ] as [([String], String)]
  )
  func wrongUse(arguments: [String], message: String) throws {
    let run = try ProgramRun(["render"] + arguments)
    #expect(run.status == 2 && run.output == "")
    #expect(run.errors.contains(message), "\(run.errors)")
  }
}
