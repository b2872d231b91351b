import ArgumentParser

/// Options that select a Milvus.
struct ReleaseOptions: ParsableArguments {
  @Argument(help: "Name of the Milvus or of its MilvusTLS.", completion: .releases)
  var name: String

  @OptionGroup
  var namespaced: NamespaceOptions

  /// - Throws: `KubernetesError.configuration`.
  func release() throws -> Release { try namespaced.release(name) }
}
