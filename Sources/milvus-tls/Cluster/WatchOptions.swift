import ArgumentParser

/// Options that limit which namespaces the operator watches.
struct WatchOptions: ParsableArguments {
  @Option(
    name: .customLong("namespace"),
    help: ArgumentHelp("Namespace to watch; can be repeated. Default: all namespaces.", valueName: "namespace")
  )
  var namespaces: [NamespaceName] = []

  func validate() throws {
    for namespace in namespaces { try namespace.validate() }
  }
}
