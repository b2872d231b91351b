import Foundation

/// Everything a decision about one Milvus rests on, at one moment.
public struct Observation: Sendable {
  public var now: Date
  public var milvus: ObservedMilvus?
  /// Every MilvusTLS for this Milvus.
  public var milvusTLS: [ObservedMilvusTLS]
  /// The Secrets of the namespace that the operator wrote, and others it has looked up, by name.
  public var secrets: [String: ObservedSecret]
  /// Names that were looked up and are free.
  public var freeSecretNames: Set<String> = []
  /// The pods of this Milvus.
  public var pods: [ObservedPod]
  /// What their logs said.
  public var verdicts: [ContainerRun: LogVerdict]
  /// Why some logs could not be read so far.
  public var logProblems: [ContainerRun: String] = [:]

  public init(
    now: Date,
    milvus: ObservedMilvus?,
    milvusTLS: [ObservedMilvusTLS] = [],
    secrets: [String: ObservedSecret] = [:],
    pods: [ObservedPod] = [],
    verdicts: [ContainerRun: LogVerdict] = [:]
  ) {
    self.now = now
    self.milvus = milvus
    self.milvusTLS = milvusTLS
    self.secrets = secrets
    self.pods = pods
    self.verdicts = verdicts
  }
}
