import Foundation
import JSON
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Plain HTTP requests, to see answers as they are on the wire.
struct HTTP: Sendable {
  let server: String

  struct Answer: Sendable {
    let code: Int
    let text: String
    let headers: [String: String]

    /// The body as one document; null where it is none.
    var json: JSONValue { (try? JSONValue(parsing: text)) ?? .null }

    /// The body as the events of a watch.
    var events: [JSONValue] {
      text.split(separator: "\n").compactMap { try? JSONValue(parsing: String($0)) }
    }
  }

  func send(
    _ method: String = "GET",
    _ path: String,
    _ body: JSONValue? = nil,
    type: String = "application/json"
  ) async throws -> Answer {
    var request = URLRequest(url: try #require(URL(string: server + path)))
    request.httpMethod = method
    request.timeoutInterval = 20
    if let body {
      request.httpBody = body.serialized()
      request.setValue(type, forHTTPHeaderField: "Content-Type")
    }
    let (data, response) = try await URLSession.shared.data(for: request)
    let http = try #require(response as? HTTPURLResponse)
    let headers = http.allHeaderFields.reduce(into: [String: String]()) { headers, field in
      headers["\(field.key)".lowercased()] = "\(field.value)"
    }
    return Answer(code: http.statusCode, text: String(decoding: data, as: UTF8.self), headers: headers)
  }

  func mergePatch(_ path: String, _ patch: JSONValue) async throws -> Answer {
    try await send("PATCH", path, patch, type: "application/merge-patch+json")
  }

  /// Server-side apply.
  func apply(_ path: String, _ object: JSONValue, manager: String, force: Bool = false) async throws -> Answer {
    let query = "?fieldManager=\(manager)&force=\(force)"
    return try await send("PATCH", path + query, object, type: "application/apply-patch+yaml")
  }
}
