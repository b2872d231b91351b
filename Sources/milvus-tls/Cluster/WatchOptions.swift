import ArgumentParser

/// Which part of a cluster to take care of.
struct WatchOptions: ParsableArguments {
  @Option(
    name: .customLong("namespace"),
    help: ArgumentHelp("Namespace to watch; may be given several times. Default: all.", valueName: "namespace")
  )
  var namespaces: [NamespaceName] = []

  func validate() throws {
    for namespace in namespaces { try namespace.validate() }
  }
}
