/// The objects of a list, decoded one at a time. Pages are requested as they are needed.
///
/// Memory holds one object and the buffered bytes of a page; while nobody reads, the server is held back. The server
/// keeps the snapshot of a list for a few minutes only: a page requested later fails with an `APIStatus` whose `isGone`
/// is true, and the list must start over. The same applies if the connection breaks. Cancelling the reading task, or
/// dropping the iterator, ends the request.
public struct ListStream: AsyncSequence, Sendable {
  let client: KubernetesClient
  let request: ListRequest

  public func makeAsyncIterator() -> Iterator {
    Iterator(client: client, state: .asking(request))
  }

  public struct Iterator: AsyncIteratorProtocol {
    enum State {
      /// The next page has not been requested yet.
      case asking(ListRequest)
      /// A page is being read.
      case reading(PageReader, of: ListRequest)
      case ended
    }

    let client: KubernetesClient
    var state: State

    /// - Throws: `KubernetesError.api`; `.transport` if the connection breaks; `.decoding` if the response is not a
    ///   list; `CancellationError`.
    public mutating func next() async throws -> ListEvent? {
      while true {
        switch state {
        case .ended: return nil
        case .asking(let request): state = .reading(try await client.page(request), of: request)
        case .reading(var page, let request):
          let object = try await page.next()
          state = .reading(page, of: request)
          if let object { return .object(object) }
          let end = try page.end()
          guard let token = end.continueToken else {
            state = .ended
            return .complete(resourceVersion: end.resourceVersion)
          }
          state = .asking(request.continued(token))
        }
      }
    }
  }
}

/// What to list, and from which position.
struct ListRequest: Sendable {
  var resource: Resource
  var namespace: String?
  var labelSelector: String?
  var fieldSelector: String?
  var limit: Int
  var metadataOnly = false
  var resourceVersion: String?
  var continueToken: String?

  func continued(_ token: String) -> ListRequest {
    var next = self
    next.continueToken = token
    // The continue token includes the resourceVersion.
    next.resourceVersion = nil
    return next
  }
}
