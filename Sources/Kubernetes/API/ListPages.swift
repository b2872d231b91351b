/// The pages of a list, each asked for when it is wanted.
///
/// The first page is as new as the server's store and the others show the same moment. The server keeps that moment for
/// some minutes only: a page asked for later fails with an `APIStatus` whose `isGone` is true, and the list must begin anew.
public struct ListPages: AsyncSequence, Sendable {
  let client: KubernetesClient
  let request: ListRequest

  public func makeAsyncIterator() -> Iterator {
    Iterator(client: client, request: request)
  }

  public struct Iterator: AsyncIteratorProtocol {
    let client: KubernetesClient
    var request: ListRequest?

    /// - Throws: `KubernetesError`, or `CancellationError`.
    public mutating func next() async throws -> ObjectList? {
      guard let current = request else { return nil }
      let page = try await client.page(current)
      request = page.continueToken.map { current.continued($0) }
      return page.list
    }
  }
}

/// What to list, and from where on.
struct ListRequest: Sendable {
  var resource: Resource
  var namespace: String?
  var labelSelector: String?
  var fieldSelector: String?
  var limit: Int
  var continueToken: String?

  func continued(_ token: String) -> ListRequest {
    var next = self
    next.continueToken = token
    return next
  }
}
