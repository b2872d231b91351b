import Foundation
import Testing

@testable import Kubernetes

struct KubeconfigTests {
  private static let ca = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"

  @Test("The current context gives server, namespace, CA and token, another one on request")
  func contexts() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      """
      current-context: a
      clusters:
      - {name: one, cluster: {server: "https://one.example:6443/base/", certificate-authority-data: \(Data(Self.ca.utf8).base64EncodedString())}}
      - {name: two, cluster: {server: "https://two.example", insecure-skip-tls-verify: true, tls-server-name: kubernetes}}
      users:
      - {name: u, user: {token: secret}}
      contexts:
      - {name: a, context: {cluster: one, user: u, namespace: milvus}}
      - {name: b, context: {cluster: two}}
      """,
      to: "config"
    )
    let current = try ClusterConfiguration.kubeconfig(paths: [path])
    #expect(current.server == "https://one.example:6443/base")
    #expect(current.requestURL(path: "/version") == "https://one.example:6443/base/version")
    #expect(current.connectTo == nil)
    #expect(current.namespace == "milvus")
    #expect(try current.tls() == TransportRequest.TLS(authorities: Array(Self.ca.utf8)))
    #expect(try current.headers().map(\.value) == ["Bearer secret"])

    let other = try ClusterConfiguration.kubeconfig(paths: [path], context: "b")
    #expect(other.requestURL(path: "/version") == "https://kubernetes:443/version")
    #expect(other.connectTo == "kubernetes:443:two.example:443")
    #expect(try other.headers().map { "\($0): \($1)" } == ["Host: two.example:443"])
    #expect(try !other.tls().isVerified)
    #expect(other.namespace == nil)
  }

  @Test(
    "Relative files start at the kubeconfig that names them, and are read again; the first file to set a value wins"
  )
  func severalFiles() throws {
    let folder = try TemporaryFolder()
    let first = try folder.write(
      """
      current-context: a
      users: [{name: u, user: {tokenFile: token, token: never, client-certificate: pki/c.crt, client-key: pki/c.key}}]
      """,
      to: "first/config"
    )
    let second = try folder.write(
      """
      current-context: never
      users: [{name: u, user: {token: never}}]
      clusters: [{name: c, cluster: {server: "https://c", certificate-authority: ca.crt}}]
      contexts: [{name: a, context: {cluster: c, user: u}}]
      """,
      to: "second/config"
    )
    try folder.write("one", to: "first/token")
    try folder.write("cert", to: "first/pki/c.crt")
    try folder.write("key", to: "first/pki/c.key")
    try folder.write("ca", to: "second/ca.crt")
    let missing = "\(folder.path)/missing"
    let configuration = try ClusterConfiguration.kubeconfig(environment: ["KUBECONFIG": "\(first):\(missing):\(second)"]
    )
    let tls = TransportRequest.TLS(
      authorities: Array("ca".utf8),
      clientCertificate: Array("cert".utf8),
      clientKey: Array("key".utf8)
    )
    #expect(try configuration.tls() == tls)
    #expect(try configuration.headers().map(\.value) == ["Bearer one"])
    try folder.write("two!", to: "first/token")
    #expect(try configuration.headers().map(\.value) == ["Bearer two!"])
  }

  @Test(
    "A kubeconfig that cannot be used names the file, the field and what is allowed",
    arguments: [
      ("[]", "must be a mapping with clusters, users and contexts"),
      ("a: {", "line 2, column 1: did not find expected node content while parsing a flow node"),
      ("clusters: 3", "clusters: must be a list"),
      ("clusters: {prod: {server: 'https://x'}}", "clusters: must be a list"),
      ("clusters: [prod]", "clusters[0]: must be a mapping"),
      ("users: [{name: u, user: [token]}]", "users[u].user: must be a mapping"),
      ("users: [{name: 1, user: {}}]", "users[0].name: must be a string"),
      ("contexts: [{name: x}]", "current-context: is missing; allowed: x"),
      ("current-context: z\ncontexts: [{name: x}]", "contexts: there is no context \"z\"; allowed: x"),
      ("current-context: x\ncontexts: [{name: x}]", "contexts[x].context.cluster: is missing"),
      (
        "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]",
        "contexts[x].context.cluster: there is no cluster \"c\"; none is defined"
      ),
    ]
  )
  func invalidFiles(text: String, message: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(text, to: "config")
    #expect(throws: KubernetesError.configuration("kubeconfig \(path): \(message)")) {
      try ClusterConfiguration.kubeconfig(paths: [path])
    }
  }

  @Test(
    "A file with two elements of one name is refused, even if they are equal, or nothing in use",
    arguments: [
      ("clusters: [{name: prod}, {name: x}, {name: prod}]", "clusters", "prod"),
      ("users: [{name: me, user: {token: secret}}, {name: me, user: {token: other}}]", "users", "me"),
      ("contexts: [{name: x, context: {cluster: c}}, {name: x, context: {cluster: c}}]", "contexts", "x"),
      ("users: [{user: {}}, null]", "users", ""),
      ("extensions: [{name: e}, {name: e}]", "extensions", "e"),
      ("preferences: {extensions: [{name: e}, {name: e}]}", "preferences.extensions", "e"),
      (
        "clusters: [{name: c, cluster: {extensions: [{name: e}, {name: e}]}}]", "clusters[c].cluster.extensions", "e"
      ),
      ("users: [{user: {extensions: [{name: e}, {name: e}]}}]", "users[0].user.extensions", "e"),
    ]
  )
  func sameNameTwice(text: String, field: String, name: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(text, to: "config")
    let reason = "the name \(name.debugDescription) occurs twice; rename or remove one of the two"
    let refusal = KubernetesError.configuration("kubeconfig \(path): \(field): \(reason)")
    #expect(throws: refusal) { try ClusterConfiguration.kubeconfig(paths: [path]) }
    // As for kubectl, a name that only another file uses is no exception.
    let usable = try Self.write("usable", folder, "usable")
    #expect(throws: refusal) {
      try ClusterConfiguration.kubeconfig(environment: ["KUBECONFIG": "\(usable):\(path)"])
    }
  }

  @Test("A key twice in a mapping counts the last time, as for kubectl", arguments: [false, true])
  func keyTwice(isJSON: Bool) throws {
    let folder = try TemporaryFolder()
    let json = """
      {"clusters": [{"name": "c", "cluster": {"server": "https://first"}}, {"name": "gone"}],
       "clusters": [{"name": "c", "cluster": {"server": "https://second", "server": "https://last"}}],
       "contexts": [{"name": "gone", "name": "x", "context": {"cluster": "c", "namespace": "n"}}],
       "current-context": "gone", "current-context": "x"}
      """
    let yaml = """
      base: &base {server: "https://base"}
      clusters: [{name: c, cluster: {server: "https://first"}}]
      clusters: [{name: c, cluster: {<<: *base, server: "https://last"}}]
      contexts: [{name: x, context: {cluster: c, namespace: n, namespace: }}]
      current-context: gone
      current-context: x
      """
    let path = try folder.write(isJSON ? json : yaml, to: "config")
    let configuration = try ClusterConfiguration.kubeconfig(paths: [path])
    #expect(configuration.server == "https://last:443")
    #expect(configuration.namespace == (isJSON ? "n" : nil))
    #expect(throws: KubernetesError.self) { try ClusterConfiguration.kubeconfig(paths: [path], context: "gone") }
  }

  @Test("Elements of one name in several files are not mixed: the first file has it, even if it says nothing")
  func sameNameInSeveralFiles() throws {
    let folder = try TemporaryFolder()
    let first = try folder.write(
      """
      current-context: ""
      users: [{name: u}, {user: {token: nameless}}]
      clusters: [{name: c, cluster: {server: "https://first"}}]
      """,
      to: "first"
    )
    let second = try folder.write(
      """
      current-context: x
      users: [{name: u, user: {token: never}}]
      clusters: [{name: c, cluster: {server: "https://never", tls-server-name: never}}, {name: d}]
      contexts: [{name: x, context: {cluster: c, user: u}}]
      """,
      to: "second"
    )
    let configuration = try ClusterConfiguration.kubeconfig(
      environment: ["KUBECONFIG": "\(first):\(second):\(first)"]
    )
    #expect(configuration.requestURL(path: "") == "https://first:443")
    #expect(try configuration.headers().isEmpty)
  }

  @Test(
    "A field that cannot be used is named with what is allowed",
    arguments: [
      ("{}", "{}", "clusters[c].cluster.server: is missing"),
      ("{server: 3}", "{}", "clusters[c].cluster.server: must be a string"),
      (
        "{server: 'ftp://x'}", "{}",
        "clusters[c].cluster.server: must be http://HOST:PORT or https://HOST:PORT, optionally with a path"
      ),
      (
        "{server: 'https://u:p@x'}", "{}",
        "clusters[c].cluster.server: must be http://HOST:PORT or https://HOST:PORT, optionally with a path"
      ),
      (
        "{server: 'https://x', proxy-url: 'ftp://u:secret@p'}", "{}",
        "clusters[c].cluster.proxy-url: must be http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT, optionally with USER:PASSWORD@ before the host"
      ),
      (
        "{server: 'https://x', insecure-skip-tls-verify: 'yes'}", "{}",
        "clusters[c].cluster.insecure-skip-tls-verify: must be true or false"
      ),
      (
        "{server: 'https://x', insecure-skip-tls-verify: true, certificate-authority: ca.crt}", "{}",
        "clusters[c].cluster.insecure-skip-tls-verify: must not be true together with certificate-authority"
      ),
      (
        "{server: 'https://x', certificate-authority-data: 'A'}", "{}",
        "clusters[c].cluster.certificate-authority-data: must be base64"
      ),
      (
        "{server: 'https://x', certificate-authority-data: 'aGVsbG8='}", "{}",
        "clusters[c].cluster.certificate-authority-data: must be base64 of PEM"
      ),
      (
        "{server: 'https://x'}", "{exec: {command: aws, apiVersion: client.authentication.k8s.io/v1alpha1}}",
        "users[u].user.exec.apiVersion: must be one of client.authentication.k8s.io/v1, client.authentication.k8s.io/v1beta1"
      ),
      (
        "{server: 'https://x'}", "{exec: {apiVersion: client.authentication.k8s.io/v1}}",
        "users[u].user.exec.command: is missing"
      ),
      (
        "{server: 'https://x'}", "{exec: {command: aws, apiVersion: client.authentication.k8s.io/v1}}",
        "users[u].user.exec.interactiveMode: must be Never or IfAvailable"
      ),
      (
        "{server: 'https://x'}",
        "{exec: {command: aws, apiVersion: client.authentication.k8s.io/v1beta1, interactiveMode: Always}}",
        "users[u].user.exec.interactiveMode: Always is not supported: there is no terminal; allowed: Never, IfAvailable"
      ),
      (
        "{server: 'https://x'}",
        "{exec: {command: aws, apiVersion: client.authentication.k8s.io/v1beta1, args: [1]}}",
        "users[u].user.exec.args: must be a list of strings"
      ),
      (
        "{server: 'https://x'}",
        "{exec: {command: aws, apiVersion: client.authentication.k8s.io/v1beta1, env: [{name: A}]}}",
        "users[u].user.exec.env: must be a list of mappings with name and value"
      ),
      (
        "{server: 'https://x'}", "{as: admin}",
        "users[u].user.as: not supported; allowed: token, tokenFile, exec, client-certificate and client-key (or their -data)"
      ),
      (
        "{server: 'https://x'}", "{client-key: k}",
        "users[u].user.client-certificate: client-certificate and client-key must both be set"
      ),
    ]
  )
  func invalidFields(cluster: String, user: String, message: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      """
      current-context: x
      clusters: [{name: c, cluster: \(cluster)}]
      users: [{name: u, user: \(user)}]
      contexts: [{name: x, context: {cluster: c, user: u}}]
      """,
      to: "config"
    )
    #expect(throws: KubernetesError.configuration("kubeconfig \(path): \(message)")) {
      try ClusterConfiguration.kubeconfig(paths: [path])
    }
  }

  @Test("A flag, then KUBECONFIG, then the pod, then the home folder")
  func automatic() throws {
    let folder = try TemporaryFolder()
    let flag = try Self.write("flag", folder, "flag")
    let variable = try Self.write("variable", folder, "variable")
    try Self.write("home", folder, ".kube/config")
    let home = ["HOME": folder.path]
    let both = home.merging(["KUBECONFIG": variable]) { $1 }
    #expect(try ClusterConfiguration.automatic(kubeconfig: flag, environment: both).server == "https://flag:443")
    #expect(try ClusterConfiguration.automatic(kubeconfig: "", environment: both).server == "https://variable:443")
    #expect(try ClusterConfiguration.automatic(environment: home).server == "https://home:443")
    let pod = home.merging(["KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "x"]) { $1 }
    let error = #expect(throws: KubernetesError.self) { try ClusterConfiguration.automatic(environment: pod) }
    #expect(error?.description.contains("KUBERNETES_SERVICE_PORT") == true)
    let nothing = KubernetesError.configuration("kubeconfig /nowhere/.kube/config: no such file")
    #expect(throws: nothing) { try ClusterConfiguration.automatic(environment: ["HOME": "/nowhere"]) }
    let missing = KubernetesError.configuration("kubeconfig /nowhere/config: no such file")
    #expect(throws: missing) { try ClusterConfiguration.automatic(kubeconfig: "/nowhere/config", environment: both) }
  }

  @discardableResult
  private static func write(_ server: String, _ folder: TemporaryFolder, _ name: String) throws -> String {
    try folder.write(
      """
      {"current-context": "x", "clusters": [{"name": "c", "cluster": {"server": "https://\(server)"}}],
       "contexts": [{"name": "x", "context": {"cluster": "c"}}]}
      """,
      to: name
    )
  }
}
