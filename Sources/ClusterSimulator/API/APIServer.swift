import FlyingFox
import Foundation
import Logging

import enum JSON.JSONValue  // FlyingFox has a type of the same name.

/// Answers HTTP requests from the store as kube-apiserver does.
struct APIServer: HTTPHandler {
  let store: ClusterStore
  let logs: PodLogs
  let faults: Faults
  let recorder: RequestRecorder
  let bookmarkInterval: Duration
  let logger: Logger

  func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
    var response = try await respond(to: request)
    response.headers[HTTPHeader("Date")] = Self.dateField(Date() + faults.clockOffset)
    return response
  }

  private func respond(to request: HTTPRequest) async throws -> HTTPResponse {
    do {
      guard let target = RequestTarget(path: request.target.path()) else { return .noSuchPath }
      return try await answer(target, request)
    } catch let status as ServerStatus {
      return HTTPResponse(status)
    }
  }

  /// RFC 9110, 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.
  private static func dateField(_ date: Date) -> String {
    var seconds = time_t(date.timeIntervalSince1970)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
      let count = strftime(buffer.baseAddress, buffer.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
      return String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
  }

  private func answer(_ target: RequestTarget, _ request: HTTPRequest) async throws -> HTTPResponse {
    switch target {
    case .version: return HTTPResponse(200, Discovery.version)
    case .health:
      return HTTPResponse(statusCode: .ok, headers: [.contentType: "text/plain; charset=utf-8"], body: Data("ok".utf8))
    case .groups(isCore: true):
      return HTTPResponse(200, Discovery.coreVersions(address: request.headers[.host] ?? ""))
    case .groups(isCore: false): return HTTPResponse(200, Discovery.groups(of: await store.servedTypes))
    case .group(let name): return .found(Discovery.group(name, of: await store.servedTypes))
    case .resources(let group, let version):
      return .found(Discovery.resources(group: group, version: version, of: await store.servedTypes))
    case .objects(let path): return try await answer(path, request)
    }
  }

  private func answer(_ path: RequestTarget.ObjectPath, _ request: HTTPRequest) async throws -> HTTPResponse {
    guard let type = await store.type(group: path.group, version: path.version, plural: path.plural) else {
      return .noSuchPath
    }
    let query = Query(request.target.query())
    guard let verb = Verb(request.method, path, query) else { throw ServerStatus.methodNotAllowed }
    let identity = RequestIdentity(
      verb: verb,
      path: path,
      labelSelector: query["labelSelector"],
      limit: query["limit"].flatMap(Int.init)
    )
    if let delay = faults.delay(for: identity) { try? await Task.sleep(for: delay) }

    let body = try await request.bodyData
    let call = APICall(type: type, path: path, verb: verb, query: query, headers: request.headers, body: body)
    let response: HTTPResponse
    do {
      let failure = faults.failure(of: identity)
      if let failure, failure.moment == .beforeWork { throw failure.status }
      response = try await answer(call)
      if let failure { throw failure.status }
    } catch let status as ServerStatus {
      record(identity, status.code)
      throw status
    }
    record(identity, response.statusCode.code)
    // Faults of a stream apply to its lines.
    guard verb != .watch, path.subresource != "log", let fault = faults.disturbance(of: identity) else {
      return response
    }
    return try await response.disturbed(by: fault)
  }

  private func record(_ request: RequestIdentity, _ code: Int) {
    let path = request.path
    logger.debug("\(request.verb) \(path.plural) \(path.namespace ?? "")/\(path.name ?? "") \(code)")
    recorder.record(
      LoggedRequest(
        verb: request.verb,
        resource: path.plural,
        subresource: path.subresource,
        namespace: path.namespace,
        name: path.name,
        limit: request.limit,
        code: code
      )
    )
  }

  private func answer(_ call: APICall) async throws -> HTTPResponse {
    guard call.query["dryRun"] == nil else { throw ServerStatus.badRequest("the simulator has no dry run") }
    switch (call.path.subresource, call.verb) {
    case (nil, _): break
    case ("status", .get), ("status", .update), ("status", .patch):
      guard call.type.hasStatus else { return .noSuchPath }
    case ("log", .get) where call.type.storage == .pods: return try await answerLog(call)
    default: throw ServerStatus.methodNotAllowed
    }
    switch call.verb {
    case .get: return HTTPResponse(200, call.type.presented(try await existing(call)))
    case .list: return try await answerList(call)
    case .watch: return try await answerWatch(call)
    case .create: return try await answerCreate(call)
    case .update: return try await answerUpdate(call)
    case .patch: return try await answerPatch(call)
    case .delete: return try await answerDelete(call)
    }
  }

  // MARK: Reading

  private func existing(_ call: APICall) async throws -> JSONValue {
    guard let object = await store.object(call.key) else { throw ServerStatus.notFound(call.type, call.key.name) }
    return object
  }

  private func answerList(_ call: APICall) async throws -> HTTPResponse {
    let selector = try call.selector()
    let current = await store.revision
    if let wanted = try call.query.resourceVersion(), wanted > current {
      throw ServerStatus.tooLarge(wanted, current: current)
    }
    let page = try await store.page(
      of: call.type,
      namespace: call.path.namespace,
      selector: selector,
      limit: try call.query.integer("limit"),
      continuing: try call.query["continue"].map(ContinueToken.init)
    )
    return HTTPResponse(200, page)
  }

  private func answerWatch(_ call: APICall) async throws -> HTTPResponse {
    let identity = RequestIdentity(
      verb: .watch,
      path: call.path,
      labelSelector: call.query["labelSelector"],
      limit: nil
    )
    let stream = WatchStream(
      type: call.type,
      selector: try call.selector(),
      sendsBookmarks: call.query.flag("allowWatchBookmarks"),
      // Without a timeout from the client, the real server uses 30 to 60 minutes.
      timeout: try call.query.integer("timeoutSeconds") ?? 1800,
      bookmarkInterval: bookmarkInterval,
      nextFault: { [faults] in faults.disturbance(of: identity) }
    )
    let revision = try call.query.resourceVersion()
    let lines = await stream.open(on: store, namespace: call.path.namespace, after: revision)
    return HTTPResponse(streaming: lines, contentType: "application/json")
  }

  private func answerLog(_ call: APICall) async throws -> HTTPResponse {
    let request = try PodLogRequest(call.query)
    let stream = try await request.open(of: try await existing(call), in: logs)
    return HTTPResponse(streaming: stream, contentType: "text/plain")
  }

  // MARK: Writing

  private func answerCreate(_ call: APICall) async throws -> HTTPResponse {
    var object = try call.object()
    if let namespace = call.path.namespace { object.setMetadata("namespace", .string(namespace)) }
    let created = try await store.create(object, of: call.type, manager: call.manager)
    return HTTPResponse(201, call.type.presented(created))
  }

  private func answerUpdate(_ call: APICall) async throws -> HTTPResponse {
    let object = try call.object()
    try call.checkName(of: object)
    if call.type.allowsCreateOnUpdate, await store.object(call.key) == nil { return try await answerCreate(call) }
    let type = call.type
    let updated = try await store.update(call.key, of: type, subresource: call.subresource, manager: call.manager) {
      guard !object.resourceVersion.isEmpty || type.allowsUnconditionalUpdate else {
        let error = FieldError.invalid("metadata.resourceVersion", "0x0", "must be specified for an update")
        throw ServerStatus.invalid(type, object.name, [error], kind: type.plural)
      }
      $0 = object
    }
    return HTTPResponse(200, call.type.presented(updated))
  }

  private func answerPatch(_ call: APICall) async throws -> HTTPResponse {
    let patch = try ObjectPatch(call)
    if case .apply(let configuration, let manager, let force) = patch {
      try call.checkName(of: configuration)
      let (object, isNew) = try await store.apply(
        configuration,
        of: call.type,
        at: call.key,
        subresource: call.subresource,
        manager: manager,
        force: force
      )
      return HTTPResponse(isNew ? 201 : 200, call.type.presented(object))
    }
    let type = call.type
    let key = call.key
    let patched = try await store.update(key, of: type, subresource: call.subresource, manager: call.manager) {
      $0 = try patch.applied(to: type.presented($0))
      guard $0.name == key.name else { throw ServerStatus.nameMismatch($0.name, key.name) }
    }
    return HTTPResponse(200, call.type.presented(patched))
  }

  private func answerDelete(_ call: APICall) async throws -> HTTPResponse {
    let options = call.body.isEmpty ? [:] : try call.document()
    let preconditions = ClusterStore.Preconditions(
      uid: options[path: "preconditions", "uid"]?.string,
      resourceVersion: options[path: "preconditions", "resourceVersion"]?.string
    )
    let policy = options["propagationPolicy"]?.string ?? call.query["propagationPolicy"]
    let (object, isGone) = try await store.delete(call.key, preconditions: preconditions, orphan: policy == "Orphan")
    guard isGone else { return HTTPResponse(200, call.type.presented(object)) }
    var details: JSONValue = [
      "name": .string(object.name), "kind": .string(call.type.plural), "uid": .string(object.uid),
    ]
    if !call.type.group.isEmpty { details["group"] = .string(call.type.group) }
    let status: JSONValue = [
      "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "details": details,
    ]
    return HTTPResponse(200, status)
  }
}

extension Verb {
  /// The verb of a request for objects; nil if the API has no such request.
  fileprivate init?(_ method: HTTPMethod, _ path: RequestTarget.ObjectPath, _ query: Query) {
    switch (method, path.name) {
    case (.GET, nil): self = query.flag("watch") ? .watch : .list
    case (.GET, _): self = .get
    case (.POST, nil): self = .create
    case (.PUT, .some): self = .update
    case (.PATCH, .some): self = .patch
    case (.DELETE, .some): self = .delete
    default: return nil
    }
  }
}
