/// A path cut into folder and file name.
struct FilePath: Hashable {
  let folder: String
  let name: String

  /// Nil for a path that names no file in a folder of its own: a mount cannot take the root's place.
  init?(_ path: String) {
    guard path.hasPrefix("/"), let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return nil }
    folder = String(path[..<slash])
    name = String(path[path.index(after: slash)...])
    guard !name.isEmpty, !folder.hasSuffix("/") else { return nil }
  }
}
