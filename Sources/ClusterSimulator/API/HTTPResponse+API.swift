import FlyingFox
import Foundation

import enum JSON.JSONValue  // FlyingFox has a type of the same name.

extension HTTPResponse {
  init(_ code: Int, _ document: JSONValue) {
    self.init(
      statusCode: HTTPStatusCode(code, phrase: ""),
      headers: [.contentType: "application/json"],
      body: document.serialized()
    )
  }

  init(_ status: ServerStatus) {
    self.init(status.code, status.body)
    if let seconds = status.retryAfter { headers[HTTPHeader("Retry-After")] = String(seconds) }
  }

  init(streaming chunks: AsyncThrowingStream<[UInt8], any Error>, contentType: String) {
    self.init(
      statusCode: .ok,
      headers: [.contentType: contentType],
      body: HTTPBodySequence(from: ByteStream(chunks))
    )
  }

  /// The response after a fault in transit.
  func disturbed(by fault: AnswerFault) async throws -> HTTPResponse {
    let (body, continuation) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
    continuation.yield(Array(try await bodyData))
    continuation.finish()
    var disturbed = self
    let stream = DisturbedLines.stream(of: body) { fault }
    disturbed.payload = .httpBody(HTTPBodySequence(from: ByteStream(stream)))
    return disturbed
  }

  static func found(_ document: JSONValue?) -> HTTPResponse {
    document.map { HTTPResponse(200, $0) } ?? noSuchPath
  }

  /// For an unknown group, version or resource, the real server answers in plain text.
  static var noSuchPath: HTTPResponse {
    HTTPResponse(
      statusCode: .notFound,
      headers: [.contentType: "text/plain; charset=utf-8"],
      body: Data("404 page not found\n".utf8)
    )
  }
}
