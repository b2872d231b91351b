import FlyingFox
import Foundation
import YAML

import enum JSON.JSONValue  // FlyingFox has a type of that name too.

/// One request for objects, taken apart.
struct APICall: Sendable {
  let type: ResourceType
  let path: RequestTarget.ObjectPath
  let verb: Verb
  let query: Query
  let headers: HTTPHeaders
  let body: Data

  /// The object that the path names.
  var key: ObjectKey { type.key(namespace: path.namespace ?? "", name: path.name ?? "") }

  var subresource: ObjectStore.Subresource { path.subresource == "status" ? .status : .main }

  /// Who writes, by parameter or else by the program's name, as the real server tells it.
  var manager: String {
    let agent = headers[HTTPHeader("User-Agent")].flatMap { $0.split(separator: "/").first.map(String.init) }
    return query["fieldManager"] ?? agent ?? "unknown"
  }

  /// Without its parameters.
  var contentType: String {
    (headers[.contentType] ?? "application/json").split(separator: ";")[0].lowercased()
  }

  func selector() throws -> Selector {
    try Selector(labels: query["labelSelector"], fields: query["fieldSelector"], of: type)
  }

  /// The body as a document, JSON or YAML.
  /// - Throws: `APIStatus`.
  func document() throws -> JSONValue {
    do {
      if contentType.hasSuffix("yaml") { return try YAML.parse(String(decoding: body, as: UTF8.self)) }
      return try JSONValue(parsing: body)
    } catch {
      throw APIStatus.badRequest("the object provided is unrecognized (must be of type \(type.kind)): \(error)")
    }
  }

  /// The body as an object of this type.
  /// - Throws: `APIStatus` where it is of another one, or belongs to another namespace.
  func object() throws -> JSONValue {
    let object = try document()
    guard object.apiVersion == type.apiVersion else {
      throw APIStatus.badRequest(
        "the API version in the data (\(object.apiVersion)) does not match the expected API version (\(type.apiVersion))"
      )
    }
    guard object.kind == type.kind else {
      throw APIStatus.badRequest(
        "\(object.kind) in version \"\(object.apiVersion)\" cannot be handled as a \(type.kind)"
      )
    }
    if let namespace = path.namespace, !object.namespace.isEmpty, object.namespace != namespace {
      throw APIStatus.badRequest(
        "the namespace of the provided object does not match the namespace sent on the request"
      )
    }
    return object
  }

  /// - Throws: `APIStatus` where the object has another name than the path.
  func checkName(of object: JSONValue) throws {
    guard object.name == path.name else { throw APIStatus.nameMismatch(object.name, path.name ?? "") }
  }
}

extension APIStatus {
  static func nameMismatch(_ name: String, _ expected: String) -> APIStatus {
    badRequest("the name of the object (\(name)) does not match the name on the URL (\(expected))")
  }
}
