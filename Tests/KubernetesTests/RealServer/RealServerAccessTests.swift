import Foundation
import JSON
import Testing

@testable import Kubernetes

struct RealServerAccessTests {
  @Test("A server whose certificate another authority signed is refused")
  func wrongAuthority() async throws {
    let server = try RealServer()
    let folder = try TemporaryFolder()
    let client = try server.client(
      cluster: ["certificate-authority": .string("\(server.folder)/ca.crt")],
      user: ["token": "admin-token"],
      in: folder
    )
    let reason = await transportError { _ = try await client.version() }
    #expect(reason == .tls)
    let unnamed = try server.client(cluster: [:], user: ["token": "admin-token"], in: folder)
    let unknown = await transportError { _ = try await unnamed.version() }
    #expect(unknown == .tls)
  }

  @Test("An unverified server is taken as it is where the kubeconfig says so")
  func insecure() async throws {
    let server = try RealServer()
    let client = try server.client(
      cluster: ["insecure-skip-tls-verify": true],
      user: ["token": "admin-token"],
      in: TemporaryFolder()
    )
    #expect(try await client.version()["major"] == "1")
  }

  @Test("tls-server-name is what the certificate must hold, whatever the address")
  func serverName() async throws {
    let server = try RealServer()
    let folder = try TemporaryFolder()
    func client(_ name: String) throws -> KubernetesClient {
      let authority = JSONValue.string("\(server.folder)/apiserver.crt")
      let cluster: [String: JSONValue] = ["certificate-authority": authority, "tls-server-name": .string(name)]
      return try server.client(cluster: cluster, user: ["token": "admin-token"], in: folder)
    }
    #expect(try await client("kubernetes.default.svc").version()["major"] == "1")
    let reason = await transportError { _ = try await client("elsewhere.example").version() }
    #expect(reason == .tls)
  }

  @Test("A client certificate is who we are, from files as from inline data", arguments: [true, false])
  func clientCertificate(inline: Bool) async throws {
    let server = try RealServer()
    let folder = try TemporaryFolder()
    var user: [String: JSONValue] = [:]
    for (field, file) in [("client-certificate", "client.crt"), ("client-key", "client.key")] {
      let path = "\(server.folder)/\(file)"
      let data = try Data(contentsOf: URL(fileURLWithPath: path)).base64EncodedString()
      user[inline ? "\(field)-data" : field] = .string(inline ? data : path)
    }
    let cluster: [String: JSONValue] = ["certificate-authority": .string("\(server.folder)/apiserver.crt")]
    let client = try server.client(cluster: cluster, user: user, in: folder)
    #expect(try await client.get(.namespaces, namespace: nil, name: "default").name == "default")
    let nobody = try server.client(cluster: cluster, user: [:], in: folder)
    let status = await apiStatus { _ = try await nobody.get(.namespaces, namespace: nil, name: "default") }
    #expect(status?.code == 403)
  }

  @Test("A token file that changes is used from the next request on")
  func tokenRotation() async throws {
    let server = try RealServer()
    let folder = try TemporaryFolder()
    let token = try folder.write("expired-token", to: "token")
    let client = try server.client(
      cluster: ["certificate-authority": .string("\(server.folder)/apiserver.crt")],
      user: ["tokenFile": .string(token)],
      in: folder
    )
    let before = await apiStatus { _ = try await client.get(.namespaces, namespace: nil, name: "default") }
    #expect(before?.reason == "Unauthorized")
    try folder.write("second-token", to: "token")
    #expect(try await client.get(.namespaces, namespace: nil, name: "default").name == "default")
    try folder.write("revoked-token", to: "token")
    let after = await apiStatus { _ = try await client.get(.namespaces, namespace: nil, name: "default") }
    #expect(after?.code == 401)
  }
}
