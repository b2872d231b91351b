import Kubernetes
import KubernetesRuntime
import MilvusTLS

extension ObservedMilvus {
  /// The Milvus as the object of an event.
  var reference: ObjectReference {
    ObjectReference(.milvuses, namespace: namespace, name: name, uid: uid)
  }
}

extension ObservedMilvusTLS {
  /// The MilvusTLS as the object of an event.
  var reference: ObjectReference {
    ObjectReference(.milvusTLS, namespace: namespace, name: name, uid: uid)
  }
}

extension ObjectReference {
  fileprivate init(_ resource: Resource, namespace: String, name: String, uid: String) {
    self.init(apiVersion: resource.apiVersion, kind: resource.kind, namespace: namespace, name: name, uid: uid)
  }
}
