import JSON

/// The events of one watch request, decoded one line at a time.
///
/// Ends without an error when the server ends the watch after the requested timeout; then watch again from the last
/// resourceVersion. Cancelling the reading task, or dropping the stream, ends the request at once. The stream can be
/// read once.
public struct WatchStream: AsyncSequence, Sendable {
  let body: ResponseBody
  let request: String
  /// Set for metadata-only watches: the server labels those objects PartialObjectMetadata; this restores their real
  /// `apiVersion` and `kind`.
  let resource: Resource?
  /// Maximum size of one event in bytes.
  let lineLimit: Int

  public func makeAsyncIterator() -> Iterator {
    Iterator(
      bytes: body.makeAsyncIterator(),
      lines: LineSplitter(limit: lineLimit),
      request: request,
      resource: resource,
      lineLimit: lineLimit
    )
  }

  public struct Iterator: AsyncIteratorProtocol {
    var bytes: ResponseBody.Iterator
    var lines: LineSplitter
    let request: String
    let resource: Resource?
    let lineLimit: Int

    /// - Throws: `KubernetesError.api` for an ERROR event (list again if `isGone`); `.transport` if the connection
    ///   breaks; `.decoding` if a line is not an event; `CancellationError`.
    public mutating func next() async throws -> WatchEvent? {
      while true {
        while let line = try nextLine() {
          if !line.isEmpty { return try event(line) }
        }
        guard let chunk = try await bytes.next() else { break }
        lines.append(chunk)
      }
      if lines.hasRest { throw malformed("the stream ends inside an event") }
      return nil
    }

    private mutating func nextLine() throws -> [UInt8]? {
      do {
        return try lines.next()
      } catch {
        throw malformed("an event exceeds \(lineLimit) bytes")
      }
    }

    private func event(_ line: [UInt8]) throws -> WatchEvent {
      let json: JSONValue
      do {
        json = try JSONValue(parsing: line, cutBelow: KubernetesObject.depthLimit)
      } catch {
        throw malformed("an event is not JSON")
      }
      guard let type = json["type"]?.string, let object = json["object"], object.object != nil else {
        throw malformed("an event has no type or no object")
      }
      switch type {
      case "ADDED": return .added(typed(object))
      case "MODIFIED": return .modified(typed(object))
      case "DELETED": return .deleted(typed(object))
      case "BOOKMARK": return .bookmark(resourceVersion: KubernetesObject(object).resourceVersion)
      case "ERROR": throw KubernetesError.api(APIStatus(object, code: 500, request: request))
      default: throw malformed("an event has the unknown type \(type.debugDescription)")
      }
    }

    private func typed(_ json: JSONValue) -> KubernetesObject {
      var object = KubernetesObject(json)
      guard let resource else { return object }
      object.apiVersion = resource.apiVersion
      object.kind = resource.kind
      return object
    }

    private func malformed(_ reason: String) -> KubernetesError {
      .decoding(request: request, reason: reason)
    }
  }
}
