import Foundation
import JSON

extension KubernetesClient {
  private static let errorBodyLimit = 64 << 10

  /// One request, without what all requests have in common.
  struct Call {
    var method = "GET"
    var path: String
    var query: [(name: String, value: String)] = []
    var accept = "application/json"
    var acceptsCompression = false
    var contentType: String?
    var body: JSONValue?

    var isWrite: Bool { method != "GET" }
    /// Method and path, for messages.
    var summary: String { "\(method) \(path)" }
  }

  /// Sends a request and reads the answer as JSON.
  func json(_ call: Call) async throws -> JSONValue {
    var call = call
    call.acceptsCompression = true
    let body = try await retrying(call) { request, remaining in
      var request = request
      request.timeouts.total = remaining
      let (head, body) = try await recorded(request, head: \.0) { try await transport.send($0) }
      guard (200..<300).contains(head.status) else {
        throw KubernetesError.api(APIStatus(head: head, body: body, request: request.summary))
      }
      return body
    }
    do {
      return try JSONValue(parsing: body, cutBelow: KubernetesObject.depthLimit)
    } catch {
      throw KubernetesError.decoding(request: call.summary, reason: "\(error)")
    }
  }

  /// Sends a request and streams the response body.
  /// - Parameter limits: timeouts in addition to those for the connection and the response head.
  func stream(
    _ call: Call,
    delivery: TransportRequest.Delivery,
    limits: (inout TransportRequest.Timeouts) -> Void
  ) async throws -> ResponseBody {
    try await retrying(call, delivery: delivery) { request, remaining in
      var request = request
      limits(&request.timeouts)
      if request.timeouts.head != nil { request.timeouts.head = remaining }
      let (head, body) = try await recorded(request, head: \.0) { try await transport.open($0) }
      guard (200..<300).contains(head.status) else {
        let text = try await body.prefix(bytes: Self.errorBodyLimit, within: remaining)
        throw KubernetesError.api(APIStatus(head: head, body: text, request: request.summary))
      }
      return body
    }
  }

  static func selectors(label: String?, field: String?) -> [(name: String, value: String)] {
    var query: [(name: String, value: String)] = []
    if let label { query.append(("labelSelector", label)) }
    if let field { query.append(("fieldSelector", field)) }
    return query
  }
}

// MARK: - Tries

extension KubernetesClient {
  /// Sends a request until it is answered, may not be retried, or its time is up.
  /// - Parameter attempt: called with the remaining time.
  private func retrying<Answer>(
    _ call: Call,
    delivery: TransportRequest.Delivery = .whole(limit: KubernetesObject.sizeLimit),
    attempt: (TransportRequest, Duration) async throws -> Answer
  ) async throws -> Answer {
    // Before the first attempt, because an exec plugin may be slow. Nothing has been sent yet.
    var credential = try await authenticate()
    let deadline = ContinuousClock.now + requestTimeout
    var tries = 0
    var isRenewed = false
    while true {
      // Checked again on the transport's thread once connected. Refusing here avoids opening a connection.
      if call.isWrite { try permit?() }
      let request = try transportRequest(call, delivery: delivery, credential: credential)
      do {
        return try await attempt(request, deadline - .now)
      } catch KubernetesError.api(let status) where status.code == 401 && credential != nil && !isRenewed {
        // The server rejected the credential before it processed the request, so writes may be retried too.
        isRenewed = true
        discard(credential)
        credential = try await authenticate()
      } catch let error as KubernetesError {
        tries += 1
        guard let wait = RetryRule.wait(after: error, isWrite: call.isWrite, tries: tries),
          ContinuousClock.now + wait < deadline
        else { throw error }
        logger.debug("retrying", metadata: ["error": "\(error)", "wait": "\(wait)", "tries": "\(tries)"])
        try await Task.sleep(for: wait)
        credential = try await authenticate()
      }
    }
  }

  /// The credential of the exec plugin, if there is one.
  private func authenticate() async throws -> ExecCredential? {
    guard case .exec(let source) = configuration.credential else { return nil }
    return try await source.credential()
  }

  private func discard(_ credential: ExecCredential?) {
    guard let credential, case .exec(let source) = configuration.credential else { return }
    source.discard(credential)
  }

  /// Runs one attempt and records its metrics.
  private func recorded<Answer>(
    _ request: TransportRequest,
    head: (Answer) -> ResponseHead,
    _ send: (TransportRequest) async throws -> Answer
  ) async throws -> Answer {
    let start = ContinuousClock.now
    do {
      let answer = try await send(request)
      metrics.record(method: request.method, status: head(answer).status, since: start)
      serverClock.note(head(answer))
      log(request, head(answer))
      return answer
    } catch {
      metrics.record(method: request.method, status: nil, since: start)
      if let error = error as? TransportError { throw KubernetesError.transport(error) }
      throw error
    }
  }

  private func log(_ request: TransportRequest, _ head: ResponseHead) {
    logger.debug(
      "response",
      metadata: [
        "request": "\(request.summary)", "status": "\(head.status)", "protocol": "\(head.httpVersion)",
        "localPort": "\(head.localPort)",
      ]
    )
  }

  private func transportRequest(
    _ call: Call,
    delivery: TransportRequest.Delivery,
    credential: ExecCredential?
  ) throws -> TransportRequest {
    var request = TransportRequest(
      method: call.method,
      url: configuration.requestURL(path: call.path) + Self.encode(call.query),
      connectTo: configuration.connectTo,
      delivery: delivery,
      summary: call.summary
    )
    request.proxy = configuration.proxy
    if configuration.address.scheme == "https", delivery.isShared {
      request.livenessURL = configuration.requestURL(path: "/version")
    }
    request.tls = try configuration.tls()
    request.acceptsCompression = call.acceptsCompression
    request.headers = [("User-Agent", userAgent), ("Accept", call.accept)]
    request.headers += try configuration.headers()
    if let token = credential?.token {
      request.headers.append(("Authorization", try Credential.bearer(token, from: "the exec plugin's token")))
    }
    if let certificate = credential?.clientCertificate {
      request.tls.clientCertificate = certificate
      request.tls.clientKey = credential?.clientKey
    }
    if let body = call.body {
      request.body = [UInt8](body.serialized())
      request.headers.append(("Content-Type", call.contentType ?? "application/json"))
    }
    if call.isWrite { request.permit = permit }
    return request
  }

  private static func encode(_ query: [(name: String, value: String)]) -> String {
    guard !query.isEmpty else { return "" }
    let items = query.map { name, value in
      "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: .unreserved) ?? "")"
    }
    return "?" + items.joined(separator: "&")
  }
}
