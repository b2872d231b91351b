import JSON

/// One answer to a list request, read object by object.
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

  /// The next object, with the `apiVersion` and `kind` that the server leaves out of a list's items; nil at the page's end.
  mutating func next() async throws -> KubernetesObject? {
    while true {
      if let text = try nextElement() {
        guard let json = try? JSONValue(parsing: text, cutBelow: KubernetesObject.depthLimit) else {
          throw malformed("an item that is no JSON")
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

  /// What the page says beside its objects, once they are all read.
  /// - Returns: a token to ask for the next page with; nil on the last.
  func end() throws -> (resourceVersion: String, continueToken: String?) {
    let text: [UInt8]
    do {
      text = try splitter.finish()
    } catch {
      throw malformed(error)
    }
    guard let list = try? JSONValue(parsing: text) else { throw malformed("the list is no JSON") }
    // A Go server sends null for no items.
    guard let items = list["items"], items.isNull || items.array != nil,
      let version = list[path: "metadata", "resourceVersion"]?.string
    else { throw malformed("a list without items or resourceVersion") }
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
