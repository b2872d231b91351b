import ArgumentParser
import Logging
import Observability
import ServiceLifecycle

/// Options of the operator's HTTP endpoints.
struct EndpointOptions: ParsableArguments {
  /// Argument of a flag: an address, or 0 to disable the endpoint.
  private enum Binding {
    case off
    case address(ListenAddress)

    init(parsing text: String) throws {
      self = text == "0" ? .off : .address(try ListenAddress(parsing: text))
    }
  }

  @Option(
    help: ArgumentHelp(
      "Address of the metrics endpoint: :PORT, IPV4:PORT, [IPV6]:PORT, or 0 to disable. Default: :8080 in a pod, else 0.",
      valueName: "address"
    )
  )
  var metricsBindAddress: String?

  @Option(
    help: ArgumentHelp(
      "Address of the probe endpoints /healthz and /readyz, or 0 to disable. Default: :8081 in a pod, else 0.",
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

  /// The services of the enabled endpoints.
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

  /// The address to listen on; nil if disabled.
  private func address(_ text: String?, port: Int) throws -> ListenAddress? {
    switch try Binding(parsing: text ?? (RuntimeEnvironment.isPod ? ":\(port)" : "0")) {
    case .off: nil
    case .address(let address): address
    }
  }
}
