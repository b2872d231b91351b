import Foundation
import Testing

@testable import Kubernetes

struct InClusterTests {
  private static let environment = ["KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"]

  @Test("The pod's account gives server, CA, namespace, and a token that is read again when it changes")
  func account() throws {
    let folder = try Self.account()
    let environment = Self.environment.merging(["HTTPS_PROXY": "http://proxy.example"]) { $1 }
    let configuration = try ClusterConfiguration.inCluster(root: folder.path, environment: environment)
    #expect(configuration.server == "https://10.96.0.1:443")
    #expect(configuration.proxy == nil)
    #expect(configuration.namespace == "milvus")
    #expect(try configuration.tls().authorities == Array("CA".utf8))
    #expect(try configuration.tls().isVerified)
    #expect(try configuration.headers().map(\.value) == ["Bearer first"])
    try folder.write("second\n", to: "token")
    #expect(try configuration.headers().map(\.value) == ["Bearer second"])
  }

  @Test("An IPv6 service address becomes a URL's")
  func ipv6() throws {
    let folder = try Self.account()
    var environment = Self.environment
    environment["KUBERNETES_SERVICE_HOST"] = "fd00::1"
    let configuration = try ClusterConfiguration.inCluster(root: folder.path, environment: environment)
    #expect(configuration.requestURL(path: "/version") == "https://[fd00::1]:443/version")
  }

  @Test("Outside a pod, or without a token, the error says what is missing", arguments: ["token", "ca.crt"])
  func missing(file: String) throws {
    let folder = try Self.account()
    #expect(throws: KubernetesError.self) { try ClusterConfiguration.inCluster(root: folder.path, environment: [:]) }
    try FileManager.default.removeItem(atPath: "\(folder.path)/\(file)")
    let error = KubernetesError.configuration("\(folder.path)/\(file): No such file or directory")
    #expect(throws: error) { try ClusterConfiguration.inCluster(root: folder.path, environment: Self.environment) }
  }

  @Test(
    "A token that could break out of its header field is refused, and not shown",
    arguments: ["a\nb", "a b", "é", " \n"]
  )
  func token(text: String) throws {
    let folder = try Self.account()
    try folder.write(text, to: "token")
    let error = #expect(throws: KubernetesError.self) {
      try ClusterConfiguration.inCluster(root: folder.path, environment: Self.environment)
    }
    let message = try #require(error?.description)
    #expect(message.hasPrefix("configuration: \(folder.path)/token: "))
    #expect(!message.contains(text))
  }

  private static func account() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write("first\n", to: "token")
    try folder.write("CA", to: "ca.crt")
    try folder.write("milvus\n", to: "namespace")
    return folder
  }
}
