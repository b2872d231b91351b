import ArgumentParser
import Logging
import Observability
import ServiceLifecycle

/// Where the operator answers HTTP requests.
struct EndpointOptions: ParsableArguments {
  /// The argument of a flag: an address, or off.
  private enum Binding {
    case off
    case address(ListenAddress)

    init(parsing text: String) throws {
      self = text == "0" ? .off : .address(try ListenAddress(parsing: text))
    }
  }

  @Option(
    help: ArgumentHelp(
      "Address of /metrics: :PORT, IPV4:PORT, [IPV6]:PORT, or 0 for off. Default: :8080 in a pod, 0 elsewhere.",
      valueName: "address"
    )
  )
  var metricsBindAddress: String?

  @Option(
    help: ArgumentHelp(
      "Address of /healthz and /readyz. Default: :8081 in a pod, 0 elsewhere.",
      valueName: "address"
    )
  )
  var healthProbeBindAddress: String?

  func validate() throws {
    for (flag, text) in [
      ("--metrics-bind-address", metricsBindAddress), ("--health-probe-bind-address", healthProbeBindAddress),
    ] {
      guard let text else { continue }
      do {
        _ = try Binding(parsing: text)
      } catch {
        throw ValidationError("\(flag) \(text.debugDescription): \(error)")
      }
    }
  }

  /// The services that answer.
  func services(metrics: PrometheusMetrics, health: OperatorHealth, logger: Logger) throws -> [any Service] {
    var services: [any Service] = []
    if let address = try address(metricsBindAddress, port: 8080) {
      services.append(HTTPEndpoint.metrics(metrics, on: address, logger: logger))
    }
    if let address = try address(healthProbeBindAddress, port: 8081) {
      services.append(HTTPEndpoint.probes(health, on: address, logger: logger))
    }
    return services
  }

  /// The address to listen on; nil for none.
  private func address(_ text: String?, port: Int) throws -> ListenAddress? {
    switch try Binding(parsing: text ?? (RuntimeEnvironment.isPod ? ":\(port)" : "0")) {
    case .off: nil
    case .address(let address): address
    }
  }
}
