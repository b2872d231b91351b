/// When a shared connection counts as dead although TCP says nothing, as behind a proxy that has lost the other side.
///
/// HTTP/2's own ping would serve, but libcurl does not tell whether it was answered: docs/decisions/silent-connections.md.
struct Liveness: Sendable {
  /// Without a byte from the server before it is asked for a sign of life. The default is client-go's `ReadIdleTimeout`.
  var silence = Duration.seconds(30)
  /// Until when the sign must come. The default is client-go's `PingTimeout`.
  var answer = Duration.seconds(15)

  /// How often to look, in milliseconds.
  var interval: Int32 { Int32(clamping: silence.wholeMilliseconds / 6) }

  /// What to ask, so that it goes over the same connection as the request; nil for one whose connection is not watched.
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
