import ArgumentParser
import Kubernetes
import MilvusTLS
import Operator

/// `milvus-tls access`: asks the API server whether the operator's account has the rights that the operator uses.
struct AccessCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "access",
    abstract: "Check that this account has the rights that the operator uses.",
    discussion: """
      Exit status: 0 if it has all of them and Milvus and MilvusTLS are defined, else 1.

      Examples:
        milvus-tls access
        milvus-tls access --namespace vectors --no-cert-manager
      """
  )

  @OptionGroup(title: "Cluster")
  var cluster: ClusterOptions

  @OptionGroup(title: "Cluster")
  var watched: WatchOptions

  @Option(
    help: ArgumentHelp(
      "Namespace of the leader election Lease. Default: no leader election.",
      valueName: "namespace"
    )
  )
  var leaderElectionNamespace: NamespaceName?

  @Flag(inversion: .prefixedNo, help: "Check the rights for certificate.issuerRef.")
  var certManager = true

  func validate() throws {
    try leaderElectionNamespace?.validate()
  }

  func run() async throws {
    let client = KubernetesClient(configuration: try cluster.configuration(), logger: ClusterOptions.logger)
    var table = TextTable(rows: [["RESOURCE", "NAMESPACE", "ALLOWED", "DENIED"]])
    var missing: [String] = []
    for (permission, namespace) in permissions {
      let denied = try await permission.denied(to: client, in: namespace)
      let allowed = permission.verbs.filter { !denied.contains($0) }
      table.rows.append(
        [permission.qualifiedResource, namespace ?? "*", allowed.joined(separator: ","), denied.joined(separator: ",")]
      )
      if !denied.isEmpty {
        let place = namespace.map { " in namespace \($0)" } ?? ""
        missing.append("\(denied.joined(separator: ", ")) \(permission.qualifiedResource)\(place)")
      }
    }
    try StandardOutput.write("\(table)")
    guard missing.isEmpty else { throw CommandFailure("missing rights: \(missing.joined(separator: "; "))") }
    for resource in [Resource.milvuses, .milvusTLS] { try await checkDefinition(of: resource, client) }
  }

  private var permissions: [(Permission, String?)] {
    let inNamespaces = Permission.watched + (certManager ? [Permission.certificates] : [])
    let namespaces = watched.namespaces.isEmpty ? [nil] : watched.namespaces.map(\.text)
    return namespaces.flatMap { namespace in inNamespaces.map { ($0, namespace) } }
      + (certManager && watched.namespaces.isEmpty ? [(Permission.definition, nil)] : [])
      + (leaderElectionNamespace.map { lease in Permission.leases.map { ($0, lease.text) } } ?? [])
  }

  /// - Throws: `CommandFailure` if the server does not have the resource.
  private func checkDefinition(of resource: Resource, _ client: KubernetesClient) async throws {
    do {
      // No object has this name: the list is empty, or the resource is not there.
      let namespace = watched.namespaces.first?.text
      _ = try await client.list(resource, namespace: namespace, fieldSelector: "metadata.name=.", metadataOnly: true)
    } catch KubernetesError.api(let status) where status.isNotFound {
      throw CommandFailure("CRD \(resource.plural).\(resource.group) is not installed")
    }
  }
}
