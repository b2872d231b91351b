/// A client without TLS that finds out which protocol a port speaks.
///
/// It sends the connection preface of HTTP/2 (RFC 9113, 3.4). A gRPC server answers with a SETTINGS frame, an HTTP/1.1
/// server with a status line, and a TLS server with an alert (RFC 8446, 6) or not at all.
public struct PlaintextProbe: Sendable {
  /// What a port answers to a client without TLS.
  public enum Answer: Sendable, Hashable {
    /// No connection, for this reason.
    case unreachable(String)
    /// The connection was accepted, and closed or left without a byte.
    case silent
    /// TLS, or the message of an HTTPS server to a client that uses HTTP.
    case tls
    /// HTTP/2 without TLS, as gRPC uses it.
    case http2
    /// HTTP/1.x without TLS.
    case http
    /// Bytes of another protocol without TLS.
    case other
  }

  /// Limit for lookup, connection and answer together.
  public let timeout: Duration
  /// How long to wait for an answer on an established connection.
  public let answerTimeout: Duration

  public init(timeout: Duration = .seconds(5), answerTimeout: Duration = .seconds(2)) {
    (self.timeout, self.answerTimeout) = (timeout, answerTimeout)
  }

  /// Finds out which protocol a port speaks.
  ///
  /// - Parameters:
  ///   - host: a DNS name, or an IP address without brackets.
  ///   - port: the server's port.
  /// - Throws: `CancellationError`.
  public func answer(host: String, port: UInt16) async throws -> Answer {
    do {
      return Self.protocol(of: try await exchange(Self.preface, host, port))
    } catch let failure as HostResolver.Failure {
      return .unreachable(failure.reason)
    } catch let failure as TCPConnection.Failure {
      return .unreachable(failure.reason)
    } catch let passed as Deadline.Passed {
      return .unreachable("\(passed.step.rawValue) timed out")
    }
  }

  /// The status code of an HTTP/1.1 GET without TLS and without credentials.
  ///
  /// - Parameters:
  ///   - path: begins with `/`.
  ///   - host: a DNS name, or an IP address without brackets.
  ///   - port: the server's port.
  /// - Returns: nil for no answer, or one that is not HTTP/1.x.
  /// - Throws: `CancellationError`.
  public func status(of path: String, host: String, port: UInt16) async throws -> Int? {
    let authority = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    let request = "GET \(path) HTTP/1.1\r\nHost: \(authority)\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    do {
      return Self.status(in: try await exchange(Array(request.utf8), host, port))
    } catch let error as CancellationError {
      throw error
    } catch {
      return nil
    }
  }

  // MARK: The connection

  /// Enough for a status line with its headers, and for the message of an HTTPS server.
  private static let limit = 4096

  /// Sends a request and returns the beginning of the answer, empty for none.
  private func exchange(_ request: [UInt8], _ host: String, _ port: UInt16) async throws -> [UInt8] {
    let deadline = Deadline(after: timeout)
    let addresses = try await deadline.limit(.resolution) { try await HostResolver.addresses(of: host, port: port) }
    let connection = try await TCPConnection.connect(toOneOf: addresses, until: deadline)
    let answerDeadline = deadline.atMost(answerTimeout)
    var answer: [UInt8] = []
    do {
      try await answerDeadline.limit(.answer) { try await connection.write(request) }
      while answer.count < Self.limit, !Self.isEnough(answer) {
        let bytes = try await answerDeadline.limit(.answer) { try await connection.read() }
        guard !bytes.isEmpty else { break }
        answer += bytes
      }
    } catch is Deadline.Passed {
    } catch is TCPConnection.Failure {
      // What came before counts.
    }
    return answer
  }

  /// Whether an answer tells everything. The body of an HTTP error may say that the server uses TLS.
  private static func isEnough(_ answer: [UInt8]) -> Bool {
    if isTLS(answer) { return true }
    guard answer.starts(with: httpVersion.prefix(answer.count)) else { return answer.count >= 9 }
    return status(in: answer).map { $0 != badRequest } ?? false
  }

  // MARK: The answer

  /// The preface and an empty SETTINGS frame.
  private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
  private static let httpVersion = Array("HTTP/1.".utf8)
  private static let badRequest = 400

  private static func `protocol`(of answer: [UInt8]) -> Answer {
    guard !answer.isEmpty else { return .silent }
    if isTLS(answer) { return .tls }
    if answer.count >= 9, answer[3] == 4, answer[5...8].allSatisfy({ $0 == 0 }) { return .http2 }
    guard answer.starts(with: httpVersion) else { return .other }
    // Such as Go's "Client sent an HTTP request to an HTTPS server" and nginx's "The plain HTTP request was sent to
    // HTTPS port".
    let isRedirected = status(in: answer) == badRequest && String(decoding: answer, as: UTF8.self).contains("HTTPS")
    return isRedirected ? .tls : .http
  }

  /// Whether it begins like a TLS record (RFC 8446, 5.1).
  private static func isTLS(_ answer: [UInt8]) -> Bool {
    answer.count >= 2 && (20...23).contains(answer[0]) && answer[1] == 3
  }

  /// The status code of a status line (RFC 9112, 4).
  private static func status(in answer: [UInt8]) -> Int? {
    guard answer.starts(with: httpVersion), answer.count >= 12 else { return nil }
    return Int(String(decoding: answer[9..<12], as: UTF8.self))
  }
}
