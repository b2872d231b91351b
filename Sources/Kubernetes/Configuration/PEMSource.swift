/// Source of a certificate or key. Evaluated for each request.
enum PEMSource: Sendable {
  case inline([UInt8])
  case file(WatchedFile)

  func bytes() throws -> [UInt8] {
    switch self {
    case .inline(let bytes): bytes
    case .file(let file): try file.bytes()
    }
  }
}
