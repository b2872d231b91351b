import Foundation

/// HTTP over libcurl on a thread of its own. Most requests share one HTTP/2 connection; `Delivery` says which have
/// their own.
///
/// Deallocated with its last owner, which ends every open exchange. A `ResponseBody` is an owner.
final class CurlTransport: Sendable {
  let queue = CommandQueue()

  init(liveness: Liveness = Liveness()) {
    let queue = queue
    let thread = Thread { CurlLoop.run(queue: queue, liveness: liveness) }
    thread.name = "kubernetes-curl"
    thread.start()
  }

  deinit {
    queue.shutDown()
  }

  /// Sends a request and waits for the whole response.
  /// - Throws: `TransportError`, or `CancellationError` as soon as the task is cancelled.
  func send(_ request: TransportRequest) async throws -> (head: ResponseHead, body: [UInt8]) {
    let exchange = start(request)
    let body = try await exchange.wholeBody()
    return (try await exchange.head(), body)
  }

  /// Sends a request and waits for the response head. The body follows as it is read.
  /// - Throws: as ``send(_:)``.
  func open(_ request: TransportRequest) async throws -> (head: ResponseHead, body: ResponseBody) {
    let exchange = start(request)
    let body = ResponseBody(exchange: exchange, transport: self)
    let head = try await exchange.withDeadline(request.timeouts.head) { try await exchange.head() }
    return (head, body)
  }

  private func start(_ request: TransportRequest) -> Exchange {
    let exchange = Exchange(request: request, queue: queue)
    queue.enqueue(.start(exchange))
    return exchange
  }
}
