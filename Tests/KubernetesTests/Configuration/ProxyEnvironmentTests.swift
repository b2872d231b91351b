import Testing

@testable import Kubernetes

struct ProxyEnvironmentTests {
  private static func proxy(for server: String, _ environment: [String: String]) throws -> String? {
    try ProxyEnvironment(environment: environment).proxy(for: #require(ServerAddress(server)))?.url
  }

  @Test("The server's scheme says which variable counts, and upper case comes first")
  func variables() throws {
    let environment = [
      "HTTPS_PROXY": "http://a:1", "https_proxy": "http://b:1", "http_proxy": "c:2", "ALL_PROXY": "http://d:1",
    ]
    #expect(try Self.proxy(for: "https://x", environment) == "http://a:1")
    #expect(try Self.proxy(for: "https://x", ["HTTPS_PROXY": "", "https_proxy": "http://b:1"]) == "http://b:1")
    #expect(try Self.proxy(for: "http://x", environment) == "http://c:2")
    #expect(try Self.proxy(for: "https://x", ["HTTP_PROXY": "http://a:1", "ALL_PROXY": "http://d:1"]) == nil)
    #expect(try Self.proxy(for: "https://x", ["HTTPS_PROXY": "socks5://s"]) == "socks5h://s:1080")
  }

  @Test(
    "NO_PROXY holds hosts, domains, addresses, ranges and ports by Go's rules",
    arguments: [
      ("example.com", "https://example.com", true), ("example.com", "https://api.example.com", true),
      ("example.com", "https://notexample.com", false), (".example.com", "https://example.com", false),
      (".example.com", "https://api.example.com", true), ("*.example.com", "https://api.example.com", true),
      ("*.example.com", "https://example.com", false), ("EXAMPLE.com", "https://example.COM", true),
      ("a, example.com ,b", "https://example.com", true), ("*", "https://example.com", true),
      ("example.com:6443", "https://example.com:6443", true), ("example.com:6443", "https://example.com", false),
      ("10.1.2.3", "https://10.1.2.3", true), ("10.1.2.3", "https://10.1.2.4", false),
      ("10.1.2.3:443", "https://10.1.2.3", true), ("10.1.2.3:444", "https://10.1.2.3", false),
      ("10.0.0.0/9", "https://10.127.2.3", true), ("10.0.0.0/9", "https://10.128.2.3", false),
      ("10.0.0.0/8", "https://10.example.com", false), ("fd00::/8", "https://[fd12::1]", true),
      ("fd00::/8", "https://[fe80::1]", false), ("fd12::1", "https://[fd12:0::1]", true),
      ("[fd12::1]:443", "https://[fd12::1]", true), ("0.0.0.0/0", "https://[fd12::1]", false),
      ("10.0.0.0/33", "https://10.0.0.1", false), ("", "https://example.com", false), (",.,*.", "https://x", false),
    ]
  )
  func exemptions(list: String, server: String, isExempt: Bool) throws {
    for name in ["NO_PROXY", "no_proxy"] {
      let proxy = try Self.proxy(for: server, ["HTTPS_PROXY": "http://p:1", name: list])
      #expect((proxy == nil) == isExempt)
    }
  }

  @Test("This machine is never reached through a proxy", arguments: ["localhost", "127.0.0.1", "127.9.9.9", "[::1]"])
  func loopback(host: String) throws {
    #expect(try Self.proxy(for: "https://\(host):6443", ["HTTPS_PROXY": "http://p:1"]) == nil)
  }

  @Test("A URL that is none names the variable, and keeps its password to itself")
  func invalid() throws {
    let error = #expect(throws: KubernetesError.self) {
      try Self.proxy(for: "https://x", ["HTTPS_PROXY": "ftp://user:secret@p"])
    }
    #expect(error?.description.hasPrefix("configuration: environment: HTTPS_PROXY: must be http://HOST:PORT") == true)
    #expect(error?.description.contains("secret") == false)
  }

  @Test("A kubeconfig's own proxy counts before the environment's; a pod and a plain server have none")
  func configurations() throws {
    let folder = try TemporaryFolder()
    func proxy(_ cluster: String) throws -> ProxyAddress? {
      let text =
        "{current-context: x, clusters: [{name: c, cluster: {server: 'https://x.test'\(cluster)}}], contexts: [{name: x, context: {cluster: c}}]}"
      let path = try folder.write(text, to: "config")
      return try ClusterConfiguration.kubeconfig(paths: [path], environment: ["HTTPS_PROXY": "http://u:p%40@e:1"]).proxy
    }
    #expect(try proxy(", proxy-url: 'socks5://k'")?.url == "socks5h://k:1080")
    #expect(try proxy("")?.url == "http://e:1")
    #expect(try proxy("")?.user == "u")
    #expect(try proxy("")?.password == "p@")
    #expect(try ClusterConfiguration.plain(server: "https://x.test").proxy == nil)
  }
}
