import Foundation
import TestSupport
import Testing

@testable import milvus_tls

extension CertificateFolderTests {
  @Suite struct InterruptionTests {
    private static let signals = [SIGINT, SIGTERM, SIGHUP]

    /// The tests may have been started in the background, where SIGINT is ignored, and whoever they start inherits it.
    init() {
      for number in Self.signals { signal(number, SIG_DFL) }
    }

    @Test(arguments: signals)
    func aSignalWhileFilesAreWrittenUndoesThem(number: Int32) throws {
      let folder = try Folder()
      defer { folder.remove() }
      try folder.write("old", to: "a")
      let before = try folder.snapshot()
      Interruption.handle()
      defer { for number in Self.signals { signal(number, SIG_DFL) } }
      let files = [NewFile("a", "new"), NewFile("b", "new")]
      // Each file has two checkpoints, the end one.
      for limit in 0..<5 {
        var count = 0
        let error = #expect(throws: CommandFailure.self, "step \(limit)") {
          try CertificateFolder(path: folder.path).write(files, replacing: true) {
            if count == limit { Self.send(number) }
            count += 1
            try Interruption.check()
          }
        }
        #expect(error?.description == "interrupted; no file was changed")
        #expect(try folder.snapshot() == before, "step \(limit)")
      }
      #expect(throws: Never.self, "the last signal is forgotten") { try Interruption.check() }
    }

    /// Sends a signal to this process and waits until it has arrived: the threads of tests block signals.
    private static func send(_ number: Int32) {
      kill(getpid(), number)
      let deadline = ContinuousClock.now + .seconds(30)
      while (try? Interruption.check()) != nil, .now < deadline { sched_yield() }
    }

    @Test(arguments: signals)
    func aSignalBeforeAnythingIsWrittenEndsTheProgramWithOneLine(number: Int32) async throws {
      let folder = try Folder()
      defer { folder.remove() }
      try #require(try ProgramRun(["certs", "create", "--out", folder.path]).status == 0)
      try FileManager.default.removeItem(atPath: "\(folder.path)/ca.pem")
      try #require(mkfifo("\(folder.path)/ca.pem", 0o600) == 0)
      let process = Process(milvusTLS: ["certs", "renew", "--dir", folder.path])
      let errors = Pipe()
      process.standardError = errors
      try process.run()
      defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
      // Fails until the program has opened it, which then waits for the content.
      var descriptor: Int32 = -1
      try await eventually("the program reads") {
        descriptor = open("\(folder.path)/ca.pem", O_WRONLY | O_NONBLOCK)
        return descriptor >= 0
      }
      defer { close(descriptor) }
      kill(process.processIdentifier, number)
      try await eventually("the program ends") { !process.isRunning }
      #expect(process.terminationReason == .exit)
      #expect(process.terminationStatus == 1)
      let text = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
      #expect(text == "Error: interrupted; no file was changed\n")
      #expect(try folder.names() == GenScript.newer.files)
    }
  }
}
