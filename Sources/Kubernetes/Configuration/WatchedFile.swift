import Foundation
import Synchronization

/// The content of a file, read again when the file changes.
///
/// Each use costs one `stat`. Symbolic links are followed: Kubernetes updates a mounted Secret or token by replacing a
/// link.
final class WatchedFile: Sendable {
  /// Changes when a file is replaced or rewritten.
  private struct Version: Equatable {
    var device: UInt64
    var inode: UInt64
    var size: Int64
    var modified: [Int]

    init(_ status: stat) {
      device = UInt64(status.st_dev)
      inode = UInt64(status.st_ino)
      size = Int64(status.st_size)
      modified = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
    }
  }

  private struct Content {
    var version: Version
    var bytes: [UInt8]
  }

  /// Maximum size in bytes. Certificates and tokens are small; a larger file is the wrong one.
  private static let limit = 1 << 20

  let path: String
  private let content = Mutex<Content?>(nil)

  init(path: String) {
    self.path = path
  }

  /// The current content; the last content if the file is missing for a moment.
  /// - Throws: `KubernetesError.configuration` if the file was never read.
  func bytes() throws -> [UInt8] {
    var status = stat()
    let current = stat(path, &status) == 0 ? Version(status) : nil
    return try content.withLock { content in
      if let content, content.version == current { return content.bytes }
      do {
        let fresh = try read()
        content = fresh
        return fresh.bytes
      } catch {
        guard let content else { throw error }
        return content.bytes
      }
    }
  }

  /// Reads the file, together with the version of the content read.
  private func read() throws -> Content {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(errno) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure(errno) }
    guard status.st_size <= Self.limit else {
      throw KubernetesError.configuration("\(path): exceeds \(Self.limit) bytes")
    }
    do {
      let data = try handle.read(upToCount: Self.limit) ?? Data()
      return Content(version: Version(status), bytes: [UInt8](data))
    } catch {
      throw KubernetesError.configuration("\(path): cannot be read")
    }
  }

  private func failure(_ code: Int32) -> KubernetesError {
    .configuration("\(path): \(String(cString: strerror(code)))")
  }
}
