/// When to consider a shared connection dead although TCP reports no error, as with a proxy that has lost its other
/// side.
///
/// HTTP/2 PING would be the right tool, but libcurl does not report whether it was answered:
/// docs/decisions/silent-connections.md.
struct Liveness: Sendable {
  /// How long the server may send nothing before it is probed. The default is client-go's `ReadIdleTimeout`.
  var silence = Duration.seconds(30)
  /// How long to wait for any answer to the probe. The default is client-go's `PingTimeout`.
  var answer = Duration.seconds(15)

  /// How often to check, in milliseconds.
  var interval: Int32 { Int32(clamping: silence.wholeMilliseconds / 6) }

  /// A probe over the same connection as the request; nil if the connection is not probed.
  func probe(like request: TransportRequest) -> TransportRequest? {
    guard let url = request.livenessURL else { return nil }
    var probe = request
    probe.method = "GET"
    probe.url = url
    probe.headers.removeAll { $0.name == "Content-Type" }
    probe.body = nil
    probe.permit = nil
    probe.delivery = .whole(limit: 1 << 20)
    probe.timeouts = TransportRequest.Timeouts(total: answer)
    probe.summary = "GET \(url)"
    return probe
  }
}
