/// Compares resourceVersions.
///
/// Kubernetes orders the resourceVersions of a resource as decimal numbers. This is documented since 1.35
/// (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions, KEP-5504), and earlier servers did
/// the same. Other forms, for example from an extension API server, have no order: the last to arrive wins, as in older
/// client-go.
enum ResourceVersion {
  static func isOlder(_ left: String, than right: String) -> Bool {
    guard isOrdered(left), isOrdered(right) else { return false }
    // Without leading zeros, the longer number is the larger one.
    return left.utf8.count == right.utf8.count ? left < right : left.utf8.count < right.utf8.count
  }

  private static func isOrdered(_ version: String) -> Bool {
    version.utf8.first != UInt8(ascii: "0") && !version.isEmpty
      && version.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }
}
