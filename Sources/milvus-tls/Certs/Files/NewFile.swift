/// A file to be written.
struct NewFile {
  let name: String
  let contents: String
  /// Whether only its owner may read it.
  let isPrivate: Bool

  init(_ name: String, _ contents: String, isPrivate: Bool = false) {
    self.name = name
    self.contents = contents
    self.isPrivate = isPrivate
  }
}
