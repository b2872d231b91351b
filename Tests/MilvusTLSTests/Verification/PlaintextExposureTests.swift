import Foundation
import JSON
import PKI
import Testing

@testable import MilvusTLS

/// Which ports are asked without TLS, and what their answers make of `PlaintextExposed`.
@Suite struct PlaintextExposureTests {
  private func ready(_ annotations: [String: String], spec: JSONValue = ["mode": "cluster"]) throws -> World {
    let names = Dictionary(uniqueKeysWithValues: annotations.map { ("tls.milvus.io/" + $0, $1) })
    var world = World(annotations: names, spec: spec)
    #expect(try world.settle())
    return world
  }

  private func asked(_ world: World) -> [String] {
    world.plan.evidence.plaintext.map { "\($0.podName) \($0.host):\($0.port) \($0.purpose)" }
  }

  /// Every port answers with an alert, except these.
  private func answer(_ world: inout World, _ answers: [UInt16: PlaintextAnswer]) throws {
    for port in world.plan.evidence.plaintext {
      world.observation.evidence.plaintext[port] = answers[port.port] ?? PlaintextAnswer(.tls)
    }
    #expect(try world.settle())
  }

  private func exposed(_ world: World) throws -> [String] { try #require(world.condition("PlaintextExposed")) }

  // MARK: What is asked

  @Test func theConfiguredAndTheDeclaredPortsOfEachReadyPodAreAsked() throws {
    var world = try ready(["external": "OneWay"])
    world.addPod("proxy-1", address: "10.0.0.1", ports: [19530, 15021])
    world.addPod("query-1", component: "querynode", address: "10.0.0.2")
    world.addPod("query-2", isReady: false, component: "querynode", address: "10.0.0.3")
    world.addPod("query-3", digest: "former", component: "querynode", address: "10.0.0.4")
    #expect(
      asked(world) == [
        "proxy-1 10.0.0.1:9091 metrics", "proxy-1 10.0.0.1:19530 external", "proxy-1 10.0.0.1:8080 rest",
        "proxy-1 10.0.0.1:19529 internal", "proxy-1 10.0.0.1:15021 declared", "query-1 10.0.0.2:9091 metrics",
        "query-1 10.0.0.2:21123 internal",
      ]
    )
  }

  @Test func portsAreAskedAgainEveryHour() throws {
    var world = try ready(["external": "OneWay"])
    world.respecify(["verification": ["handshake": false]])
    world.addPod("proxy-1", address: "10.0.0.1")
    #expect(try world.settle())
    #expect(world.plan.wakeUp == World.now + 3600)
  }

  @Test func theMetricsPortIsTheOneOfTheComponentsEnvironment() throws {
    let spec: JSONValue = [
      "mode": "cluster",
      "components": ["queryNode": ["env": [["name": "METRICS_PORT", "value": "9200"]]]],
    ]
    var world = try ready(["external": "OneWay"], spec: spec)
    world.addPod("proxy-1", address: "10.0.0.1")
    world.addPod("query-1", component: "querynode", address: "10.0.0.2")
    #expect(
      asked(world).filter { $0.contains("metrics") } == [
        "proxy-1 10.0.0.1:9091 metrics", "query-1 10.0.0.2:9200 metrics",
      ]
    )
  }

  @Test func nothingIsAskedWhereTheSpecificationSaysSo() throws {
    var world = try ready(["external": "OneWay"])
    world.addPod("proxy-1", address: "10.0.0.1")
    try answer(&world, [9091: PlaintextAnswer(.http)])
    #expect(world.notes("PlaintextExposed"))
    world.respecify(["verification": ["plaintext": false]])
    #expect(try world.settle())
    #expect(asked(world).isEmpty)
    #expect(
      world.condition("PlaintextExposed") == [
        "Unknown", "NotAsked", "Not asked (spec.verification.plaintext is false)",
      ]
    )
    #expect(world.milvusTLS?.status.plaintext == [])
  }

  // MARK: What the answers make of it

  @Test func nothingIsSaidWhileAPortHasNotAnswered() throws {
    var world = try ready(["external": "OneWay"])
    world.addPod("proxy-1", address: "10.0.0.1")
    let first = try #require(world.plan.evidence.plaintext.first)
    world.observation.evidence.plaintext[first] = PlaintextAnswer(.http)
    #expect(try world.settle())
    #expect(world.condition("PlaintextExposed") == nil)
  }

  @Test func whatWasFoundStaysWhileNewPodsAreAsked() throws {
    var world = try ready(["external": "OneWay"])
    world.addPod("proxy-1", address: "10.0.0.1")
    try answer(&world, [9091: PlaintextAnswer(.http)])
    let before = try exposed(world)
    world.addPod("proxy-2", address: "10.0.0.2")
    #expect(try world.settle())
    #expect(try exposed(world) == before)
    #expect(world.milvusTLS?.status.plaintext.count == 1)
  }

  @Test func aMetricsPortWithOpenAPIsNamesThemTheFaultAndTheService() throws {
    var world = try ready(["external": "OneWay"], spec: ["components": ["standalone": ["serviceType": "LoadBalancer"]]])
    world.addPod("s", component: "standalone", address: "10.0.0.1", image: "milvusdb/milvus:v2.5.4")
    try answer(
      &world,
      [9091: PlaintextAnswer(.http, statuses: [.data: 200, .expressions: 404, .management: 200, .logLevel: 200])]
    )
    #expect(
      try exposed(world) == [
        "True", "AnswersInPlaintext",
        "Port 9091 of pod s answers HTTP without TLS: metrics and administration, for which Milvus has no TLS; without a "
          + "password it serves /api/v1 (CVE-2026-26190, fixed in 2.5.27 and 2.6.10), /management "
          + "(milvus-io/milvus #50763, not fixed), /log/level. Service my-release-milvus (LoadBalancer) publishes port "
          + "9091: a NetworkPolicy can close it",
      ]
    )
    // What is proven of TLS stays what it is.
    #expect(world.condition("Verified")?[1] == "WaitingForHandshakes")
  }

  @Test(arguments: [
    ("2.5.26", 200, "CVE-2026-26190"), ("2.6.9", 200, "CVE-2026-26190"), ("2.3.5", 200, "CVE-2026-26190"),
    ("2.5.27", 401, "asks for a password, not for privileges (milvus-io/milvus #53415)"),
    ("2.6.10", 401, "asks for a password, not for privileges (milvus-io/milvus #53415)"),
  ])
  func theReleaseDecidesWhichFaultItIs(release: String, status: Int, fault: String) throws {
    var world = try ready(["external": "OneWay"], spec: [:])
    world.addPod("s", component: "standalone", address: "10.0.0.1", image: "milvusdb/milvus:v\(release)")
    try answer(&world, [9091: PlaintextAnswer(.http, statuses: [.data: status])])
    let message = try exposed(world)[2]
    #expect(message.contains(fault))
    #expect(message.contains("CVE-2026-26190") == (status == 200))
  }

  @Test func anAPIThatIsClosedIsNotNamed() throws {
    var world = try ready(["external": "OneWay"], spec: [:])
    world.addPod("s", component: "standalone", address: "10.0.0.1", image: "milvusdb/milvus:v2.3.5")
    try answer(&world, [9091: PlaintextAnswer(.http, statuses: [.data: 404, .logLevel: 401, .management: 405])])
    #expect(try !exposed(world)[2].contains("password"))
  }

  @Test func portsThatAnswerAlikeAreOneFinding() throws {
    var world = try ready(["external": "OneWay"])
    world.addPod("query-1", component: "querynode", address: "10.0.0.1")
    world.addPod("query-2", component: "querynode", address: "10.0.0.2")
    try answer(&world, [21123: PlaintextAnswer(.http2)])
    #expect(
      try exposed(world)[2]
        == "Port 21123 of 2 pods (query-1, ...) answers gRPC without TLS: for components; internal TLS is disabled"
    )
    let finding = MilvusTLSStatus.PlaintextPort(
      port: 21123,
      protocol: "gRPC",
      evidence: "for components; internal TLS is disabled",
      pods: 2,
      example: "query-1"
    )
    #expect(world.milvusTLS?.status.plaintext == [finding])
  }

  @Test func aSidecarsPortIsNamed() throws {
    var world = try ready(["external": "OneWay"])
    world.addPod("proxy-1", address: "10.0.0.1", ports: [6379])
    try answer(&world, [6379: PlaintextAnswer(.other)])
    #expect(
      try exposed(world)[2]
        == "Port 6379 of pod proxy-1 answers another protocol without TLS: declared by a container"
    )
  }

  @Test func nothingIsExposedWhereNothingAnswersWithoutTLS() throws {
    var world = try ready(["external": "OneWay"])
    world.addPod("proxy-1", address: "10.0.0.1")
    try answer(&world, [9091: PlaintextAnswer(.unreachable("connection timed out")), 19529: PlaintextAnswer(.silent)])
    #expect(
      try exposed(world) == ["False", "NoAnswerInPlaintext", "No port answers the operator without TLS"]
    )
  }

  @Test func aReleaseThatTheOperatorDoesNotReachIsUnknown() throws {
    var world = try ready(["external": "OneWay"])
    world.addPod("proxy-1", address: "10.0.0.1")
    let nothing = PlaintextAnswer(.unreachable("no route"))
    try answer(&world, [9091: nothing, 19530: nothing, 8080: nothing, 19529: nothing])
    #expect(
      try exposed(world) == [
        "Unknown", "NotReachable",
        "No port of the pods is reachable from the operator (pod proxy-1, port 9091: no route)",
      ]
    )
  }

  @Test func theFindingEndsWithTLS() throws {
    var world = try ready(["external": "OneWay"])
    world.addPod("proxy-1", address: "10.0.0.1")
    try answer(&world, [9091: PlaintextAnswer(.http)])
    world.setMilvus { $0[JSONPointer(["metadata", "annotations", "tls.milvus.io/external"])] = "Disabled" }
    world.observation.pods = []
    #expect(try world.settle())
    #expect(try exposed(world)[0...1] == ["False", "Disabled"])
    #expect(world.milvusTLS?.status.plaintext == [])
  }
}
