import ArgumentParser
import Kubernetes
import Logging
import MilvusTLS
import Operator

extension CompletionKind {
  /// Names of the Milvus resources that have a MilvusTLS, asked from the cluster of the command line. A cluster that
  /// does not answer within two seconds has none: nobody wants an error in the middle of a line.
  static var releases: CompletionKind {
    .custom { words, _, prefix in
      do {
        return try await releases(words).filter { $0.hasPrefix(prefix) }
      } catch {
        return []
      }
    }
  }

  private static let timeout = Duration.seconds(2)

  private static func releases(_ words: [String]) async throws -> [String] {
    let line = PartialCommandLine(words: words)
    let configuration = try ClusterConfiguration.automatic(
      kubeconfig: line.value(of: "--kubeconfig"),
      context: line.value(of: "--context")
    )
    let client = KubernetesClient(
      configuration: configuration,
      userAgent: "milvus-tls",
      requestTimeout: timeout,
      logger: Logger(label: "completion") { _ in SwiftLogNoOpLogHandler() }
    )
    let namespace = line.value(of: "--namespace", "-n") ?? configuration.namespace ?? "default"
    return Set(try await client.allMilvusTLS(namespace: namespace).map(\.milvusName)).sorted()
  }
}

/// A command line that is being typed.
struct PartialCommandLine {
  let words: [String]

  /// The value of an option: the word after it, or what follows `=`; nil if it is not there.
  func value(of names: String...) -> String? {
    for (index, word) in words.enumerated() {
      for name in names {
        if word == name, words.indices.contains(index + 1) { return words[index + 1] }
        if word.hasPrefix(name + "=") { return String(word.dropFirst(name.count + 1)) }
      }
    }
    return nil
  }
}
