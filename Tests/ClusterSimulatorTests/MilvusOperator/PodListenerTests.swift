import ClusterSimulator
import Foundation
import JSON
import PKI
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct PodListenerTests {
  private static let internalPorts: [UInt16] = [53100, 13333, 19531, 21123, 21124, 21121, 19529]
  private let certificates: MilvusCertificates
  private let files: [String: String]

  init() throws {
    certificates = try MilvusCertificates()
    files = try certificates.files()
  }

  private func outcome(_ host: String, _ port: UInt16) async throws -> TLSProbe.Outcome {
    try await probe(host, port, trusting: certificates.authority).outcome
  }

  @Test func oneWayTheCertificateOfTheFilesIsServed() async throws {
    try await ListeningPods.run(ListeningPods.tls(mode: 1), files: files) { pods in
      let host = try await pods.podIP()
      let report = try await probe(host, 19530, trusting: certificates.authority)
      #expect(report.outcome == .accepted)
      #expect(report.server?.chain == certificates.server.chain)
      #expect(report.server?.applicationProtocol == "h2")
      #expect(report.server?.requestsClientCertificate == false)
      for port in Self.internalPorts { #expect(try await outcome(host, port) == .notTLS, "\(port)") }
    }
  }

  @Test func twoWayClientsNeedACertificateOfTheAuthority() async throws {
    let stranger = try MilvusCertificates()
    try await ListeningPods.run(ListeningPods.tls(mode: 2), files: files) { pods in
      let host = try await pods.podIP()
      let nobody = try await probe(host, 19530, trusting: certificates.authority)
      #expect(nobody.outcome == .refused(.certificateRequired))
      #expect(nobody.server?.version == .tls13)
      let known = try await probe(host, 19530, trusting: certificates.authority, as: certificates.client)
      #expect(known.outcome == .accepted)
      let other = try await probe(host, 19530, trusting: certificates.authority, as: stranger.client)
      #expect(other.outcome == .refused(.unknownAuthority))
      let server = try await probe(host, 19530, trusting: certificates.authority, as: certificates.server)
      #expect(server.outcome == .refused(.unsupportedCertificate), "for another purpose")
    }
  }

  @Test func internalTLSIsServedOnTheOtherPortsAlone() async throws {
    try await ListeningPods.run(ListeningPods.tls(isInternal: true), files: files) { pods in
      let host = try await pods.podIP()
      for port in Self.internalPorts { #expect(try await outcome(host, port) == .accepted, "\(port)") }
      #expect(try await outcome(host, 19530) == .notTLS)
    }
  }

  @Test func eachPodHasAnAddressAndThePortsOfItsComponent() async throws {
    let ports: [String: UInt16] = [
      "mixcoord": 53100, "datanode": 21124, "querynode": 21123, "indexnode": 21121, "proxy": 19530,
    ]
    try await ListeningPods.run([:], mode: "cluster") { pods in
      let all = await pods.all()
      let addresses = all.compactMap { $0[path: "status", "podIP"]?.string }
      #expect(addresses.allSatisfy { $0.hasPrefix("127.") })
      #expect(Set(addresses).count == 5)
      for (pod, address) in zip(all, addresses) {
        let component = try #require(pod[path: "spec", "containers"]?[0]?["name"]?.string)
        for (name, port) in ports {
          let expected: TLSProbe.Outcome = name == component ? .notTLS : .connectionRefused
          #expect(try await outcome(address, port) == expected, "\(component): \(port)")
        }
      }
    }
  }

  @Test func theConfigurationMovesPorts() async throws {
    var configuration = ListeningPods.tls(mode: 1, isInternal: true, proxy: ["port": "29530", "internalPort": 29529])
    configuration["rootCoord"] = ["port": 53200]
    try await ListeningPods.run(configuration, files: files) { pods in
      let host = try await pods.podIP()
      for port in [29530, 29529, 53200] as [UInt16] { #expect(try await outcome(host, port) == .accepted, "\(port)") }
      for port in [19530, 19529, 53100] as [UInt16] {
        #expect(try await outcome(host, port) == .connectionRefused, "\(port)")
      }
    }
  }

  @Test func theRESTPortSpeaksHTTPOverTLSAndWaitsForARequest() async throws {
    let configuration = ListeningPods.tls(mode: 1, proxy: ["http": ["port": 18080]])
    try await ListeningPods.run(configuration, files: files) { pods in
      let host = try await pods.podIP()
      let report = try await probe(
        host,
        18080,
        trusting: certificates.authority,
        answerTimeout: .milliseconds(100)
      )
      #expect(report.outcome == .noAnswer)
      #expect(report.server?.chain == certificates.server.chain)
      #expect(report.server?.applicationProtocol == "http/1.1")
      let answer = await TLSRequest.send("GET / HTTP/1.1\r\nHost: m\r\n\r\n", to: "\(host):18080")
      #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"))
      #expect(answer.hasSuffix("\r\n\r\n{\"code\":0,\"data\":[]}"))
    }
  }

  @Test func theRESTPortOfATwoWayMilvusNeedsACertificateToo() async throws {
    let configuration = ListeningPods.tls(mode: 2, proxy: ["http": ["port": 18080]])
    try await ListeningPods.run(configuration, files: files) { pods in
      let host = try await pods.podIP()
      #expect(try await outcome(host, 18080) == .refused(.certificateRequired))
    }
  }

  @Test func withoutTLSTheRESTPortSpeaksPlainHTTP() async throws {
    try await ListeningPods.run(["proxy": ["http": ["port": 18080]]]) { pods in
      let host = try await pods.podIP()
      #expect(try await HTTP(server: "http://\(host):18080").send("GET", "/").code == 200)
      #expect(try await outcome(host, 18080) == .notTLS)
    }
  }

  @Test func aChangedSecretIsServedByNewContainersAlone() async throws {
    let renewed = try MilvusCertificates(of: certificates.authority)
    try await ListeningPods.run(ListeningPods.tls(mode: 1), files: files) { pods in
      let store = pods.cluster.simulator.store
      let files = try renewed.files()
      try await store.update(ListeningPods.secret) { $0["stringData"] = .object(files.mapValues(JSONValue.string)) }
      // Events are dealt with in their order: when this one is through, so is the Secret's.
      let host = try await pods.podIP()
      try await store.create(ListeningPods.milvus("n", [:]))
      try await pods.waitForRollout(of: "n")
      let old = try await probe(host, 19530, trusting: certificates.authority)
      #expect(old.server?.chain == certificates.server.chain)

      try await store.delete(ObjectAddress(.milvuses, namespace: "default", name: "n"))
      try await store.update(ListeningPods.address) {
        $0[JSONPointer("/spec/components/podAnnotations")] = ["a": "b"]
      }
      try await pods.waitForRollout()
      let new = try await probe(pods.podIP(), 19530, trusting: certificates.authority)
      #expect(new.outcome == .accepted)
      #expect(new.server?.chain == renewed.server.chain)
    }
  }

  @Test func thePortsCloseWithThePod() async throws {
    try await ListeningPods.run([:]) { pods in
      let host = try await pods.podIP()
      #expect(try await outcome(host, 19530) == .notTLS)
      try await pods.cluster.simulator.store.delete(ListeningPods.address)
      try await eventually("it is closed") { try await outcome(host, 19530) == .connectionRefused }
    }
  }

  @Test func thePortsCloseWithTheCluster() async throws {
    var host = ""
    try await ListeningPods.run([:]) { pods in
      host = try await pods.podIP()
      #expect(try await outcome(host, 19530) == .notTLS)
    }
    #expect(try await outcome(host, 19530) == .connectionRefused)
  }

  @Test func aContainerThatCannotReadItsCertificateListensOnceItCan() async throws {
    var broken = files
    broken["server.key"] = "garbage"
    try await ListeningPods.run(ListeningPods.tls(mode: 1), files: broken, waits: false) { pods in
      try await pods.cluster.eventually("it has crashed") {
        let state = await pods.all().first?[path: "status", "containerStatuses"]?[0]?["state"]
        return state?[path: "waiting", "reason"] == "CrashLoopBackOff"
      }
      let host = try await pods.podIP()
      #expect(try await outcome(host, 19530) == .connectionRefused)
      let key = try #require(files["server.key"])
      try await pods.cluster.simulator.store.update(ListeningPods.secret) {
        $0["stringData"] = ["server.key": .string(key)]
      }
      try await pods.waitForRollout()
      #expect(try await pods.podIP() == host)
      #expect(try await outcome(host, 19530) == .accepted)
    }
  }

  @Test func unlessToldToListenPodsHaveNoAddress() async throws {
    try await Cluster.run(milvus: true) { cluster in
      try await cluster.simulator.store.create(Sample.secret("certs"))
      try await cluster.simulator.store.create(ListeningPods.milvus("m", [:]))
      try await ListeningPods(cluster: cluster).waitForRollout()
      let pod = try #require(await cluster.simulator.store.list(.pods).first)
      #expect(pod[path: "status", "phase"] == "Running")
      #expect(pod[path: "status", "podIP"] == nil)
    }
  }
}
