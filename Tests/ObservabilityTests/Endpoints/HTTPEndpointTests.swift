import FlyingSocks
import Glibc
import KubernetesRuntime
import Metrics
import TestSupport
import Testing

@testable import Observability

@Suite(.timeLimit(.minutes(5))) struct HTTPEndpointTests {
  @Test func anOperatorIsReadyOnceAllStoresAreFilledAndSaysWhichAreNot() async throws {
    let health = OperatorHealth()
    try await RunningEndpoint.run(.probes(health, on: .anyLoopbackPort, logger: .silent)) { endpoint in
      let before = try await endpoint.get("/readyz")
      #expect((before.code, before.text) == (503, "starting\n"))
      health.begin(stores: ["pods", "secrets"])
      health.synced("secrets")
      let (ready, healthy) = (try await endpoint.get("/readyz"), try await endpoint.get("/healthz"))
      #expect((ready.code, ready.text) == (503, "not synced: pods\n"))
      #expect(healthy.code == 200, "what is not ready is alive")
      health.synced("pods")
      let after = try await endpoint.get("/readyz")
      #expect((after.code, after.text) == (200, "ok\n"))
    }
  }

  @Test func metricsAreAnsweredWithThoseOfTheProcessInPrometheusTextFormat() async throws {
    let metrics = PrometheusMetrics()
    metrics.describe("depth", help: "How many wait.")
    Gauge(label: "depth", factory: metrics).record(7)
    try await RunningEndpoint.run(.metrics(metrics, on: .anyLoopbackPort, logger: .silent)) { endpoint in
      let answer = try await endpoint.get("/metrics")
      #expect(answer.code == 200)
      #expect(answer.contentType == "text/plain; version=0.0.4; charset=utf-8")
      #expect(try Promtool.complaints(about: answer.text) == "")
      for metric in [
        "depth", "process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds",
        "process_start_time_seconds",
      ] {
        #expect(answer.text.contains("\n\(metric)"), "\(metric)")
      }
    }
  }

  @Test func aStalledOperatorIsToBeStartedAgain() async throws {
    let health = OperatorHealth(stallLimit: .zero)
    try await RunningEndpoint.run(.probes(health, on: .anyLoopbackPort, logger: .silent)) { endpoint in
      try await health.watching(ObjectKey(namespace: "default", name: "my-release")) {
        let answer = try await endpoint.get("/healthz")
        #expect(answer.code == 503)
        #expect(answer.text.contains("default/my-release"))
      }
    }
  }

  @Test func otherPathsAndMethodsAreRefused() async throws {
    try await RunningEndpoint.run(.probes(OperatorHealth(), on: .anyLoopbackPort, logger: .silent)) { endpoint in
      let root = try await endpoint.get("/")
      let longer = try await endpoint.get("/healthz/more")
      let post = try await endpoint.get("/healthz", method: "POST")
      #expect([root, longer, post].map(\.code) == [404, 404, 405])
    }
  }

  @Test func withoutAHostItListensOnAllAddressesOfBothFamilies() async throws {
    let everywhere = ListenAddress(host: .any, port: 0)
    try await RunningEndpoint.run(.probes(OperatorHealth(), on: everywhere, logger: .silent)) { endpoint in
      let answer = try await endpoint.get("/healthz")
      #expect(answer.code == 200)
      let socket = try Socket(domain: AF_INET6)
      #expect(throws: Never.self) { try socket.connect(to: sockaddr_in6.loopback(port: endpoint.port)) }
      try socket.close()
    }
  }

  @Test func aPortInUseIsAnErrorThatNamesTheFlagAndTheAddress() async throws {
    try await RunningEndpoint.run(.probes(OperatorHealth(), on: .anyLoopbackPort, logger: .silent)) { endpoint in
      let taken = ListenAddress(host: .ip4("127.0.0.1"), port: endpoint.port)
      let start = ContinuousClock.now
      let error = await #expect(throws: HTTPEndpoint.CannotListen.self) {
        try await HTTPEndpoint.metrics(PrometheusMetrics(), on: taken, logger: .silent).run()
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
    try await RunningEndpoint.run(.probes(OperatorHealth(), on: .anyLoopbackPort, logger: .silent)) { endpoint in
      port = endpoint.port
      // URLSession keeps its connection.
      let answer = try await endpoint.get("/healthz")
      #expect(answer.code == 200)
      start = .now
    }
    #expect(ContinuousClock.now - start < .seconds(20))
    let again = ListenAddress(host: .ip4("127.0.0.1"), port: port)
    try await RunningEndpoint.run(.probes(OperatorHealth(), on: again, logger: .silent)) { endpoint in
      #expect(endpoint.port == port)
    }
  }
}
