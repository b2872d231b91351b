/// The pages of a list, each asked for when it is wanted; ``ListStream`` gives the same without holding a page.
public struct ListPages: AsyncSequence, Sendable {
  let client: KubernetesClient
  let request: ListRequest

  public func makeAsyncIterator() -> Iterator {
    Iterator(client: client, request: request)
  }

  public struct Iterator: AsyncIteratorProtocol {
    let client: KubernetesClient
    var request: ListRequest?

    /// - Throws: as ``ListStream/Iterator/next()``.
    public mutating func next() async throws -> ObjectList? {
      guard let current = request else { return nil }
      var page = try await client.page(current)
      var items: [KubernetesObject] = []
      while let object = try await page.next() { items.append(object) }
      let end = try page.end()
      request = end.continueToken.map { current.continued($0) }
      return ObjectList(items: items, resourceVersion: end.resourceVersion)
    }
  }
}
