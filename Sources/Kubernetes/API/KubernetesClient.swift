import Foundation
import JSON
import Logging

/// Requests to one cluster.
///
/// All methods throw `KubernetesError`, or `CancellationError` as soon as their task is cancelled. Reads and writes have
/// `requestTimeout` from start to end. Cheap to share, and one is enough: requests share a connection. It closes its connections
/// when the last reference, those of open streams included, is gone.
public final class KubernetesClient: Sendable {
  /// What lists and objects may measure in memory, in bytes.
  private static let bodyLimit = 256 << 20
  private static let errorBodyLimit = 64 << 10

  public let configuration: ClusterConfiguration
  /// The name that the server records as the manager of the fields this client writes.
  public let fieldManager: String
  private let userAgent: String
  private let requestTimeout: Duration
  private let logger: Logger
  private let transport = CurlTransport()

  /// - Parameters:
  ///   - userAgent: sent with each request; servers log it.
  ///   - fieldManager: sent with each write.
  ///   - requestTimeout: for a whole read or write, and for the start of a stream.
  ///   - logger: gets each request at the level `debug`, without its content.
  public init(
    configuration: ClusterConfiguration,
    userAgent: String = "milvus-tls-operator",
    fieldManager: String = "milvus-tls-operator",
    requestTimeout: Duration = .seconds(30),
    logger: Logger = Logger(label: "kubernetes.client")
  ) {
    self.configuration = configuration
    self.userAgent = userAgent
    self.fieldManager = fieldManager
    self.requestTimeout = requestTimeout
    self.logger = logger
  }
}

// MARK: - Requests

extension KubernetesClient {
  /// What differs between requests.
  struct Call {
    var method = "GET"
    var path: String
    var query: [(name: String, value: String)] = []
    var contentType: String?
    var body: JSONValue?
  }

  /// Sends a request and reads the answer as JSON.
  func json(_ call: Call) async throws -> JSONValue {
    var request = try transportRequest(call, delivery: .whole(limit: Self.bodyLimit))
    request.timeouts.total = requestTimeout
    let (head, body) = try await mapped { try await transport.send(request) }
    log(request, head)
    guard (200..<300).contains(head.status) else {
      throw KubernetesError.api(APIStatus(head: head, body: body, request: request.summary))
    }
    do {
      return try JSONValue(parsing: body)
    } catch {
      throw KubernetesError.decoding(request: request.summary, reason: "\(error)")
    }
  }

  /// Sends a request whose answer is read in pieces.
  /// - Parameter limits: the timeouts beside the connect timeout.
  func stream(
    _ call: Call,
    delivery: TransportRequest.Delivery,
    limits: (inout TransportRequest.Timeouts) -> Void
  ) async throws -> ResponseBody {
    var request = try transportRequest(call, delivery: delivery)
    limits(&request.timeouts)
    let opened = request
    let (head, body) = try await mapped { try await transport.open(opened) }
    log(request, head)
    guard (200..<300).contains(head.status) else {
      let text = try await errorBody(body, request: request)
      throw KubernetesError.api(APIStatus(head: head, body: text, request: request.summary))
    }
    return body
  }

  var streamStartTimeout: Duration { requestTimeout }

  /// What an error response says, no more of it than is of use, and no longer than a request may take.
  private func errorBody(_ body: ResponseBody, request: TransportRequest) async throws -> [UInt8] {
    try await body.prefix(bytes: Self.errorBodyLimit, within: requestTimeout)
  }

  private func mapped<Value>(_ operation: () async throws -> Value) async throws -> Value {
    do {
      return try await operation()
    } catch let error as TransportError {
      throw KubernetesError.transport(error)
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

  private func transportRequest(_ call: Call, delivery: TransportRequest.Delivery) throws -> TransportRequest {
    var request = TransportRequest(
      method: call.method,
      url: configuration.requestURL(path: call.path) + Self.encode(call.query),
      connectTo: configuration.connectTo,
      delivery: delivery,
      summary: "\(call.method) \(call.path)"
    )
    request.tls = try configuration.tls()
    request.headers = [("User-Agent", userAgent), ("Accept", "application/json")]
    request.headers += try configuration.headers()
    if let body = call.body {
      request.body = [UInt8](body.serialized())
      request.headers.append(("Content-Type", call.contentType ?? "application/json"))
    }
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
