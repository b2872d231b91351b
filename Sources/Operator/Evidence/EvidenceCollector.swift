import KubernetesRuntime
import MilvusTLS

/// Collects a kind of evidence of the pods' TLS, beside the reconciling, and wakes the Milvus of which something new is
/// known.
protocol EvidenceCollector: Sendable {
  /// What is known of the pods in an observation.
  func evidence(of observation: Observation, for milvus: ObjectKey) async -> Evidence

  /// Collects what a plan needs, unless that is under way or known, and nothing else of this Milvus.
  func collect(_ request: EvidenceRequest, for milvus: ObjectKey) async

  /// Ends what is under way with a pod that is gone, and forgets the pod.
  func forget(_ pod: ObservedPod) async

  /// Ends everything that is under way.
  func stop() async
}
