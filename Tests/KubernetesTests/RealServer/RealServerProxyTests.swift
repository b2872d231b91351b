import Foundation
import Testing

@testable import Kubernetes

@Suite(.timeLimit(.minutes(5)))
struct RealServerProxyTests {
  @Test("An HTTP proxy is asked for a tunnel with its credentials, and all requests share one HTTP/2 connection in it")
  func tunnel() async throws {
    let server = try RealServer()
    let proxy = try LoopbackProxy(to: server.port)
    let folder = try TemporaryFolder()
    let client = try server.client(
      cluster: [
        "certificate-authority": .string("\(server.folder)/apiserver.crt"),
        "proxy-url": .string("http://user:se%3Acret@127.0.0.1:\(proxy.port)"),
      ],
      user: ["token": "admin-token"],
      in: folder
    )
    for _ in 0..<3 { #expect(try await client.version()["major"] == "1") }
    #expect(proxy.greetings.count == 1)
    let greeting = try #require(proxy.greetings.first)
    let port = try server.port
    #expect(greeting.hasPrefix("CONNECT 127.0.0.1:\(port) HTTP/1.1\r\n"))
    let credentials = Data("user:se:cret".utf8).base64EncodedString()
    #expect(greeting.contains("Proxy-Authorization: Basic \(credentials)\r\n"))
    #expect(!greeting.contains("admin-token"))
  }

  @Test("A SOCKS proxy resolves the server's name")
  func socks() async throws {
    let server = try RealServer()
    let proxy = try LoopbackProxy(to: server.port)
    let client = try server.client(
      cluster: [
        "server": .string("https://kubernetes.default.svc:\(server.port)"),
        "certificate-authority": .string("\(server.folder)/apiserver.crt"),
        "proxy-url": .string("socks5://127.0.0.1:\(proxy.port)"),
      ],
      user: ["token": "admin-token"],
      in: TemporaryFolder()
    )
    #expect(try await client.version()["major"] == "1")
    #expect(proxy.greetings == ["SOCKS kubernetes.default.svc"])
  }

  @Test("An error through a proxy names neither its user nor its password", arguments: ["http", "https", "socks5"])
  func errors(scheme: String) async throws {
    let server = try RealServer()
    // Nobody listens where the proxy passes things on, and it speaks neither TLS nor much else.
    let proxy = try LoopbackProxy(to: 1)
    let client = try server.client(
      cluster: ["proxy-url": .string("\(scheme)://someone:secret@127.0.0.1:\(proxy.port)")],
      user: ["token": "admin-token"],
      in: TemporaryFolder()
    )
    let error = await #expect(throws: KubernetesError.self) { try await client.version() }
    let text = try #require(error?.description)
    #expect(!text.contains("secret") && !text.contains("someone"), "\(text)")
    #expect(proxy.connections > 0)
  }
}
