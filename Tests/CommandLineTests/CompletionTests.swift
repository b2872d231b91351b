import ClusterSimulator
import Foundation
import JSON
import TestSupport
import Testing

@testable import milvus_tls

@Suite(.timeLimit(.minutes(5))) struct CompletionTests {
  @Test func namesComeFromTheNamespaceOfTheCommandLine() async throws {
    try await Cluster.run { cluster in
      for name in ["alpha", "alps", "beta"] { try await cluster.put(milvusTLS: name, status: [:]) }
      try await cluster.put(milvusTLS: "its-tls", namespace: "kube-system", milvus: "gamma", status: [:])
      // A busy machine may take longer than the command waits.
      try await eventually("names of here") { try await cluster.complete("verify", "al") == ["alpha", "alps"] }
      try await eventually("names of there") {
        try await cluster.complete("verify", "-n", "kube-system", "") == ["gamma"]
      }
    }
  }

  @Test func aClusterThatDoesNotAnswerIsSilentAndSoon() async throws {
    try await Cluster.run { cluster in
      try await cluster.put(milvusTLS: "alpha", status: [:])
      cluster.simulator.faults.delay(RequestMatch(.list, "milvustls"), by: .seconds(60))
      let start = ContinuousClock.now
      let found = try await cluster.complete("verify", "")
      #expect(found == [])
      #expect(ContinuousClock.now - start < .seconds(20))
    }
  }

  @Test func kubectlGetsCandidatesAndADirective() async throws {
    try await Cluster.run { cluster in
      for name in ["alpha", "beta"] { try await cluster.put(milvusTLS: name, status: [:]) }
      let folder = try Folder()
      defer { folder.remove() }
      let script = try ProgramRun(["completion", "kubectl"]).output
      try folder.write(script, to: "kubectl_complete-milvus_tls")
      try await eventually("names") {
        try await cluster.shell(folder, "kubectl_complete-milvus_tls", ["verify", "a"]) == "alpha\n:4\n"
      }
      let commands = try await cluster.shell(folder, "kubectl_complete-milvus_tls", ["ver"])
      #expect(commands == "verify\n:4\n")
      let none = try await cluster.shell(folder, "kubectl_complete-milvus_tls", ["verify", "x"])
      #expect(none == ":4\n")
    }
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func everyShellHasAScript(shell: String) throws {
    let run = try ProgramRun(["completion", shell])
    #expect(run.status == 0)
    #expect(run.output.contains("---completion"))
    #expect(run.output.contains("status"))
  }

  @Test func anOptionMayBeWrittenInBothWays() {
    let line = PartialCommandLine(words: ["milvus-tls", "verify", "-n", "a", "--context=b", "--kubeconfig"])
    #expect(line.value(of: "--namespace", "-n") == "a")
    #expect(line.value(of: "--context") == "b")
    #expect(line.value(of: "--kubeconfig") == nil)
  }
}

extension Cluster {
  /// What the program offers for the last word, as the scripts ask it.
  fileprivate func complete(_ command: String, _ rest: String...) async throws -> [String] {
    let words = ["milvus-tls", command] + rest
    let arguments = ["---completion", command, "--", "positional@0", String(words.count - 1)]
    let run = try await ProgramRun.run(
      arguments + [String(rest.last?.count ?? 0)] + words,
      environment: ["KUBECONFIG": kubeconfig]
    )
    #expect(run.status == 0)
    #expect(run.errors == "")
    return run.output.split(separator: "\n").map(String.init)
  }

  /// Runs a script in bash with the program in its PATH.
  fileprivate func shell(_ folder: Folder, _ script: String, _ arguments: [String]) async throws -> String {
    let tests = Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0])
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = [folder.path + "/" + script] + arguments
    let programs = tests.deletingLastPathComponent().path
    process.environment = ["PATH": "\(programs):/usr/bin:/bin", "KUBECONFIG": kubeconfig]
    let output = Pipe()
    process.standardOutput = output
    return try await withCheckedThrowingContinuation { continuation in
      // The simulated cluster needs the threads of the tasks.
      Thread.detachNewThread {
        continuation.resume(
          with: Result {
            try process.run()
            let data = try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            return String(decoding: data, as: UTF8.self)
          }
        )
      }
    }
  }
}
