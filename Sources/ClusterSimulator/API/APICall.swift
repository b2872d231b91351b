import FlyingFox
import Foundation
import YAML

import enum JSON.JSONValue  // FlyingFox has a type of the same name.

/// One parsed request for objects.
struct APICall: Sendable {
  let type: ResourceType
  let path: RequestTarget.ObjectPath
  let verb: Verb
  let query: Query
  let headers: HTTPHeaders
  let body: Data

  /// The object in the path.
  var key: ObjectAddress { type.key(namespace: path.namespace ?? "", name: path.name ?? "") }

  var subresource: ClusterStore.Subresource { path.subresource == "status" ? .status : .main }

  /// Field manager of a write: the parameter or else the client's program name, as in the real server.
  var manager: String {
    let agent = headers[HTTPHeader("User-Agent")].flatMap { $0.split(separator: "/").first.map(String.init) }
    return query["fieldManager"] ?? agent ?? "unknown"
  }

  /// Without parameters.
  var contentType: String {
    (headers[.contentType] ?? "application/json").split(separator: ";")[0].lowercased()
  }

  func selector() throws -> Selector {
    try Selector(labels: query["labelSelector"], fields: query["fieldSelector"], of: type)
  }

  /// The body as a document, JSON or YAML.
  /// - Throws: `ServerStatus`.
  func document() throws -> JSONValue {
    guard contentType.hasSuffix("json") || contentType.hasSuffix("yaml") else {
      // The real server accepts protobuf too.
      throw ServerStatus(
        code: 415,
        reason: "UnsupportedMediaType",
        message: "the body of the request was in an unknown format - accepted media types include: application/json, "
          + "application/yaml"
      )
    }
    do {
      if contentType.hasSuffix("yaml") { return try YAML.parse(String(decoding: body, as: UTF8.self)) }
      return try JSONValue(parsing: body)
    } catch {
      throw ServerStatus.badRequest("the object provided is unrecognized (must be of type \(type.kind)): \(error)")
    }
  }

  /// The body as an object of this type.
  /// - Throws: `ServerStatus` if the object is of another type or from another namespace.
  func object() throws -> JSONValue {
    let object = try document()
    guard object.apiVersion == type.apiVersion else {
      throw ServerStatus.badRequest(
        "the API version in the data (\(object.apiVersion)) does not match the expected API version (\(type.apiVersion))"
      )
    }
    guard object.kind == type.kind else {
      throw ServerStatus.badRequest(
        "\(object.kind) in version \"\(object.apiVersion)\" cannot be handled as a \(type.kind)"
      )
    }
    if let namespace = path.namespace, !object.namespace.isEmpty, object.namespace != namespace {
      throw ServerStatus.badRequest(
        "the namespace of the provided object does not match the namespace sent on the request"
      )
    }
    return object
  }

  /// - Throws: `ServerStatus` if the object's name differs from the path's.
  func checkName(of object: JSONValue) throws {
    guard object.name == path.name else { throw ServerStatus.nameMismatch(object.name, path.name ?? "") }
  }
}

extension ServerStatus {
  static func nameMismatch(_ name: String, _ expected: String) -> ServerStatus {
    badRequest("the name of the object (\(name)) does not match the name on the URL (\(expected))")
  }
}
