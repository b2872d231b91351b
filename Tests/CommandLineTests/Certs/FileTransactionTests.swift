import Foundation
import Testing

@testable import milvus_tls

extension CertificateFolderTests {
  @Suite struct FileTransactionTests {
    private struct Fault: Error, CustomStringConvertible { let description = "fault" }

    private static let new = ["a", "b", "c"].map { NewFile($0, "new \($0)", isPrivate: $0 == "a") }

    /// Writes, with a fault at one checkpoint.
    /// - Returns: whether all checkpoints passed before it.
    private func write(to folder: Folder, replacing: Bool, faultAt limit: Int, _ fault: @escaping () throws -> Void)
      throws -> Bool
    {
      var count = 0
      do {
        try CertificateFolder(path: folder.path).write(Self.new, replacing: replacing, keepingOwners: replacing) {
          defer { count += 1 }
          if count == limit { try fault() }
        }
        return true
      } catch {
        #expect("\(error)".hasSuffix("; no file was changed"), "\(error)")
        return false
      }
    }

    @Test(arguments: [false, true])
    func aFaultAtAnyStepLeavesTheFolderAsItWas(replacing: Bool) throws {
      for limit in 0... {
        let folder = try Folder()
        defer { folder.remove() }
        try folder.write("other", to: "other")
        if replacing { for name in ["a", "c"] { try folder.write("old \(name)", to: name) } }
        let before = try folder.snapshot()
        let isDone = try write(to: folder, replacing: replacing, faultAt: limit) { throw Fault() }
        guard isDone else {
          #expect(try folder.snapshot() == before, "step \(limit)")
          continue
        }
        #expect(limit == 7, "every file twice, and the end")
        #expect(try folder.names() == ["a", "b", "c", "other"])
        for file in Self.new { #expect(try folder.text(file.name) == file.contents) }
        return
      }
    }

    @Test func aFolderThatItMadeGoesWithTheFault() throws {
      for limit in 0..<7 {
        let folder = try Folder()
        defer { folder.remove() }
        #expect(try !write(to: folder, replacing: false, faultAt: limit) { throw Fault() })
        #expect(!folder.exists, "step \(limit)")
      }
    }

    @Test func whatAnInterruptedRunLeftIsNotOverwritten() throws {
      let folder = try Folder()
      defer { folder.remove() }
      try folder.write("old", to: "a")
      try folder.write("older", to: "a.bak")
      let before = try folder.snapshot()
      let error = #expect(throws: CommandFailure.self) {
        try CertificateFolder(path: folder.path).write(Self.new, replacing: true)
      }
      #expect(error?.description.hasPrefix("\(folder.path)/a.bak exists") == true)
      #expect(try folder.snapshot() == before)
    }

    @Test func aRenewedFileKeepsTheModeOfTheOldOne() throws {
      let folder = try Folder()
      defer { folder.remove() }
      try folder.write("old", to: "a")
      try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: "\(folder.path)/a")
      try CertificateFolder(path: folder.path).write(Self.new, replacing: true, keepingOwners: true)
      #expect(try folder.mode("a") == 0o640)
      #expect(try folder.text("a") == "new a")
    }
  }
}
