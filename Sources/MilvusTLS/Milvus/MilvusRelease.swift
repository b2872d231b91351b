/// A release of Milvus.
public struct MilvusRelease: Sendable, Hashable, Comparable, CustomStringConvertible {
  let major: Int
  let minor: Int
  let patch: Int

  init(_ major: Int, _ minor: Int, _ patch: Int) {
    (self.major, self.minor, self.patch) = (major, minor, patch)
  }

  public var description: String { "\(major).\(minor).\(patch)" }

  public static func < (one: MilvusRelease, other: MilvusRelease) -> Bool {
    (one.major, one.minor, one.patch) < (other.major, other.minor, other.patch)
  }
}
