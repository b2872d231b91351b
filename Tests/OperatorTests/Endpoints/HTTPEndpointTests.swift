import ClusterSimulator
import FlyingSocks
import Glibc
import KubernetesRuntime
import Logging
import TestSupport
import Testing

@testable import Operator

@Suite(.timeLimit(.minutes(5))) struct HTTPEndpointTests {
  @Test func theOperatorIsReadyOnceAllStoresAreFilledAndSaysWhichAreNot() async throws {
    try await OperatorHarness.run(startsOperator: false) { harness in
      harness.simulator.faults.failNext(
        .max,
        RequestMatch(.list, "pods"),
        with: ServerStatus(code: 403, reason: "Forbidden", message: "no")
      )
      let probes = HTTPEndpoint.probes(harness.health, on: .anyLoopbackPort, logger: .quiet)
      try await RunningEndpoint.run(probes) { endpoint in
        let before = try await endpoint.get("/readyz")
        #expect((before.code, before.text) == (503, "starting\n"))
        try harness.start()
        try await eventually("only the pods are missing") {
          try await endpoint.get("/readyz").text == "not synced: pods\n"
        }
        let (ready, healthy) = (try await endpoint.get("/readyz"), try await endpoint.get("/healthz"))
        #expect(ready.code == 503)
        #expect(healthy.code == 200, "what is not ready is alive")
        harness.simulator.faults.clear()
        try await eventually("it is ready") { try await endpoint.get("/readyz").code == 200 }
        let after = try await endpoint.get("/readyz")
        #expect(after.text == "ok\n")
      }
    }
  }

  @Test func aStalledOperatorIsToBeStartedAgain() async throws {
    let health = OperatorHealth(stallLimit: .zero)
    try await RunningEndpoint.run(.probes(health, on: .anyLoopbackPort, logger: .quiet)) { endpoint in
      try await health.watching(ObjectKey(namespace: "default", name: "my-release")) {
        let answer = try await endpoint.get("/healthz")
        #expect(answer.code == 503)
        #expect(answer.text.contains("default/my-release"))
      }
    }
  }

  @Test func otherPathsAndMethodsAreRefused() async throws {
    try await RunningEndpoint.run(.probes(OperatorHealth(), on: .anyLoopbackPort, logger: .quiet)) { endpoint in
      let root = try await endpoint.get("/")
      let longer = try await endpoint.get("/healthz/more")
      let post = try await endpoint.get("/healthz", method: "POST")
      #expect([root, longer, post].map(\.code) == [404, 404, 405])
    }
  }

  @Test func withoutAHostItListensOnAllAddressesOfBothFamilies() async throws {
    let everywhere = ListenAddress(host: .any, port: 0)
    try await RunningEndpoint.run(.probes(OperatorHealth(), on: everywhere, logger: .quiet)) { endpoint in
      let answer = try await endpoint.get("/healthz")
      #expect(answer.code == 200)
      let socket = try Socket(domain: AF_INET6)
      #expect(throws: Never.self) { try socket.connect(to: sockaddr_in6.loopback(port: endpoint.port)) }
      try socket.close()
    }
  }

  @Test func aPortInUseIsAnErrorThatNamesTheFlagAndTheAddress() async throws {
    try await RunningEndpoint.run(.probes(OperatorHealth(), on: .anyLoopbackPort, logger: .quiet)) { endpoint in
      let taken = ListenAddress(host: .ip4("127.0.0.1"), port: endpoint.port)
      let start = ContinuousClock.now
      let error = await #expect(throws: HTTPEndpoint.CannotListen.self) {
        try await HTTPEndpoint.metrics(PrometheusMetrics(), on: taken, logger: .quiet).run()
      }
      #expect(
        error?.description
          == "metrics (--metrics-bind-address): cannot listen on \(taken): Address already in use"
      )
      #expect(ContinuousClock.now - start < .seconds(20), "at once")
    }
  }

  @Test func itEndsAtOnceWithConnectionsOpenAndItsPortIsFreeAgain() async throws {
    var start = ContinuousClock.now
    var port: UInt16 = 0
    try await RunningEndpoint.run(.probes(OperatorHealth(), on: .anyLoopbackPort, logger: .quiet)) { endpoint in
      port = endpoint.port
      // URLSession keeps its connection.
      let answer = try await endpoint.get("/healthz")
      #expect(answer.code == 200)
      start = .now
    }
    #expect(ContinuousClock.now - start < .seconds(20))
    let again = ListenAddress(host: .ip4("127.0.0.1"), port: port)
    try await RunningEndpoint.run(.probes(OperatorHealth(), on: again, logger: .quiet)) { endpoint in
      #expect(endpoint.port == port)
    }
  }
}
