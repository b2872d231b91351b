import JSON
import Kubernetes

/// Rights on a resource that the operator uses. The chart's rules (`templates/_rules.tpl`) give them.
struct Permission {
  let group: String
  /// Name in paths, with the subresource if there is one: `pods/log`.
  let resource: String
  let verbs: [String]
  /// The only object that the rights are needed for; nil for all.
  var name: String?

  /// In each watched namespace.
  static let watched = [
    Permission(group: "milvus.io", resource: "milvuses", verbs: ["list", "watch", "get", "patch"]),
    Permission(group: "tls.milvus.io", resource: "milvustls", verbs: ["list", "watch", "get", "create", "patch"]),
    Permission(group: "tls.milvus.io", resource: "milvustls/status", verbs: ["patch"]),
    Permission(group: "", resource: "secrets", verbs: ["list", "watch", "get", "create", "patch", "delete"]),
    Permission(group: "", resource: "configmaps", verbs: ["get", "list", "watch"]),
    Permission(group: "", resource: "pods", verbs: ["list", "watch"]),
    Permission(group: "", resource: "pods/log", verbs: ["get"]),
    Permission(group: "", resource: "events", verbs: ["create", "patch"]),
  ]

  /// In each watched namespace, to have cert-manager issue.
  static let certificates = Permission(
    group: "cert-manager.io",
    resource: "certificates",
    verbs: ["list", "watch", "get", "create", "patch", "delete"]
  )

  /// In the cluster, to know whether cert-manager is there. In one namespace the operator does without.
  static let definition = Permission(
    group: "apiextensions.k8s.io",
    resource: "customresourcedefinitions",
    verbs: ["list", "watch"],
    name: "certificates.cert-manager.io"
  )

  /// In the namespace of the Lease.
  static let leases = [
    Permission(group: "coordination.k8s.io", resource: "leases", verbs: ["create"]),
    Permission(
      group: "coordination.k8s.io",
      resource: "leases",
      verbs: ["get", "update", "list", "watch"],
      name: "milvus-tls-operator"
    ),
  ]

  /// The resource as in messages: `secrets`, `milvuses.milvus.io`.
  var qualifiedResource: String { group.isEmpty ? resource : "\(resource).\(group)" }

  /// The verbs that the API server denies to the client.
  /// - Parameter namespace: nil for all namespaces, or for a cluster-scoped resource.
  /// - Throws: `KubernetesError`.
  func denied(to client: KubernetesClient, in namespace: String?) async throws -> [String] {
    var denied: [String] = []
    for verb in verbs where try await !client.isAllowed(verb, self, in: namespace) { denied.append(verb) }
    return denied
  }
}

extension KubernetesClient {
  /// Asks the API server whether this client may do something.
  ///
  /// https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-access-review-v1/
  fileprivate func isAllowed(_ verb: String, _ permission: Permission, in namespace: String?) async throws -> Bool {
    let reviews = Resource(
      group: "authorization.k8s.io",
      version: "v1",
      plural: "selfsubjectaccessreviews",
      kind: "SelfSubjectAccessReview",
      isNamespaced: false
    )
    let parts = permission.resource.split(separator: "/", maxSplits: 1).map(String.init)
    let attributes: [String: String?] = [
      "verb": verb, "group": permission.group, "resource": parts.first, "name": permission.name,
      "subresource": parts.count > 1 ? parts.last : nil, "namespace": namespace,
    ]
    let review: JSONValue = [
      "apiVersion": .string(reviews.apiVersion), "kind": .string(reviews.kind),
      "spec": ["resourceAttributes": .object(attributes.compactMapValues { $0.map(JSONValue.string) })],
    ]
    let answer = try await create(KubernetesObject(review), as: reviews, namespace: nil)
    return answer.json[path: "status", "allowed"]?.bool ?? false
  }
}
