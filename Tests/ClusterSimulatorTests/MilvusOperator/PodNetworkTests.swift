import Logging
import Testing

@testable import ClusterSimulator

@Suite struct PodNetworkTests {
  /// A port that somebody listens on at all addresses of this machine.
  private func takenPort() throws -> (UInt16, ServerSocket) {
    let everywhere = PodAddress(octets: [0, 0, 0, 0])
    for port in (UInt16(20000)...32000).shuffled().prefix(100) {
      if let socket = try? ServerSocket(listeningOn: everywhere, port: port) { return (port, socket) }
    }
    return (20000, try ServerSocket(listeningOn: everywhere, port: 20000))
  }

  @Test func aPodWhosePortIsTakenEverywhereHasNoAddress() async throws {
    let (port, socket) = try takenPort()
    let network = PodNetwork(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let endpoint = ServerEndpoint(port: port, dialect: .grpc, tls: nil)
    #expect(await network.listen("pod", at: [endpoint]) == nil)
    socket.shutDown()
    let address = try #require(await network.listen("pod", at: [endpoint]))
    #expect(await network.listen("pod", at: [endpoint]) == address, "a restarted container keeps it")
    await network.close()
  }

  @Test func aTLSClientIsToldSoInPlainHTTP() {
    let answer = ServerDialect.http.answer(to: [22, 3, 1]) ?? []
    #expect(String(decoding: answer, as: UTF8.self).hasPrefix("HTTP/1.1 400 "))
    #expect(ServerDialect.http.answer(to: Array("GET / HTTP/1.1\r\n".utf8)) == nil, "the head goes on")
  }
}
