/// How an object's resourceVersion is read.
///
/// Kubernetes orders the resourceVersions of one resource as decimal numbers, and says so since 1.35
/// (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions, KEP-5504); the servers before did the same.
/// One of another form, as an extension API server may send, has no order: the one that came last counts, as in older client-go.
enum ResourceVersion {
  static func isOlder(_ left: String, than right: String) -> Bool {
    guard isOrdered(left), isOrdered(right) else { return false }
    // Without leading zeros the longer number is the larger one, whatever its length.
    return left.utf8.count == right.utf8.count ? left < right : left.utf8.count < right.utf8.count
  }

  private static func isOrdered(_ version: String) -> Bool {
    version.utf8.first != UInt8(ascii: "0") && !version.isEmpty
      && version.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }
}
