import JSON

/// One page of a list, read object by object.
struct PageReader {
  private var bytes: ResponseBody.Iterator
  private var splitter = ListSplitter(limit: KubernetesObject.sizeLimit)
  private let resource: Resource
  private let request: String

  init(body: ResponseBody, resource: Resource, request: String) {
    bytes = body.makeAsyncIterator()
    self.resource = resource
    self.request = request
  }

  /// The next object, with the `apiVersion` and `kind` that the server omits from list items; nil at the end of the
  /// page.
  mutating func next() async throws -> KubernetesObject? {
    while true {
      if let text = try nextElement() {
        guard let json = try? JSONValue(parsing: text, cutBelow: KubernetesObject.depthLimit) else {
          throw malformed("an item is not JSON")
        }
        var object = KubernetesObject(json)
        object.apiVersion = resource.apiVersion
        object.kind = resource.kind
        return object
      }
      guard let chunk = try await bytes.next() else { return nil }
      splitter.append(chunk)
    }
  }

  /// The rest of the page, once all its objects are read.
  /// - Returns: the continue token for the next page; nil on the last page.
  func end() throws -> (resourceVersion: String, continueToken: String?) {
    let text: [UInt8]
    do {
      text = try splitter.finish()
    } catch {
      throw malformed(error)
    }
    guard let list = try? JSONValue(parsing: text) else { throw malformed("the list is not JSON") }
    // Go servers encode an empty list as null.
    guard let items = list["items"], items.isNull || items.array != nil,
      let version = list[path: "metadata", "resourceVersion"]?.string
    else { throw malformed("the list has no items or no resourceVersion") }
    return (version, list[path: "metadata", "continue"]?.string.flatMap { $0.isEmpty ? nil : $0 })
  }

  private mutating func nextElement() throws -> [UInt8]? {
    do {
      return try splitter.next()
    } catch {
      throw malformed(error)
    }
  }

  private func malformed(_ error: any Error) -> KubernetesError {
    malformed((error as? ListSplitter.Malformed)?.reason ?? "\(error)")
  }

  private func malformed(_ reason: String) -> KubernetesError {
    .decoding(request: request, reason: reason)
  }
}
