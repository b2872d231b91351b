/// The objects of a list, decoded one at a time from pages that are asked for when they are wanted.
///
/// Memory holds one object and what waits of the page's bytes; the server is held back while nobody reads. The server keeps the
/// moment a list shows for some minutes only: a page asked for later fails with an `APIStatus` whose `isGone` is true, and the
/// list must begin anew. So must one that breaks off. Cancelling the reading task, or dropping the iterator, ends the request.
public struct ListStream: AsyncSequence, Sendable {
  let client: KubernetesClient
  let request: ListRequest

  public func makeAsyncIterator() -> Iterator {
    Iterator(client: client, state: .asking(request))
  }

  public struct Iterator: AsyncIteratorProtocol {
    enum State {
      /// The next page has to be asked for.
      case asking(ListRequest)
      /// A page is coming.
      case reading(PageReader, of: ListRequest)
      case ended
    }

    let client: KubernetesClient
    var state: State

    /// - Throws: `KubernetesError.api`, `.transport` when the connection breaks, `.decoding` for what is no list;
    ///   `CancellationError`.
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

/// What to list, and from where on.
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
    // The token holds it.
    next.resourceVersion = nil
    return next
  }
}
