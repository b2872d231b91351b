import Foundation
import Testing

@testable import Kubernetes

struct WatchedFileTests {
  @Test("A file is read again when it is replaced, rewritten, or its link turned")
  func changes() throws {
    let folder = try TemporaryFolder()
    try folder.write("one", to: "..1/token")
    try folder.write("two", to: "..2/token")
    try folder.link("..data", to: "..1")
    try folder.link("token", to: "..data/token")
    let file = WatchedFile(path: "\(folder.path)/token")
    #expect(try file.text() == "one")
    try folder.link("..data", to: "..2")
    #expect(try file.text() == "two")
    try folder.write("three", to: "..2/token")
    #expect(try file.text() == "three")
  }

  @Test("An unchanged file is not read again")
  func unchanged() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("one", to: "file")
    let file = WatchedFile(path: path)
    #expect(try file.text() == "one")
    // Other content behind the same identity, size and time: only a second read would show it.
    let before = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
    var times = [timespec](repeating: timespec(), count: 2)
    var status = stat()
    #expect(stat(path, &status) == 0)
    times[0] = status.st_atim
    times[1] = status.st_mtim
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.write(contentsOf: Data("two".utf8))
    try handle.close()
    #expect(utimensat(AT_FDCWD, path, times, 0) == 0)
    #expect(try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date == before)
    #expect(try file.text() == "one")
  }

  @Test("A file that goes away keeps its last content; one never there is an error with its path")
  func missing() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("one", to: "file")
    let file = WatchedFile(path: path)
    #expect(try file.text() == "one")
    try FileManager.default.removeItem(atPath: path)
    #expect(try file.text() == "one")
    let error = KubernetesError.configuration("\(path): No such file or directory")
    #expect(throws: error) { try WatchedFile(path: path).bytes() }
  }
}

extension WatchedFile {
  fileprivate func text() throws -> String { String(decoding: try bytes(), as: UTF8.self) }
}
