import Foundation
import JSON

/// How often another writer, as a rule a GitOps tool, removed the operator's fields from a Milvus
/// (`status.reversions`).
///
/// Each time restarts pods: after three in ten minutes, or ten with less than two days between each, the operator
/// stops. It tries again after an hour, and where that is reverted too after two, four, at most 24 hours.
struct Reversions: Equatable {
  private static let limit = 3
  private static let window: TimeInterval = 600
  private static let longLimit = 10
  /// After so long without one, all is forgotten.
  private static let memory: TimeInterval = 2 * 86400
  private static let firstPause: TimeInterval = 3600
  private static let longestPause: TimeInterval = 86400

  private(set) var count = 0
  /// The last ones, the newest last.
  private(set) var times: [Date] = []
  private(set) var pauses = 0
  /// Until when the operator pauses.
  private(set) var pausedUntil: Date?
  /// The Milvus's generation that the last one made.
  private(set) var milvusGeneration = -1
  /// The MilvusTLS's generation: a changed specification begins anew.
  private(set) var generation = -1
  /// What was taken out.
  private(set) var fields: [String] = []

  init() {}

  init(
    count: Int,
    times: [Date],
    pauses: Int,
    pausedUntil: Date?,
    milvusGeneration: Int,
    generation: Int,
    fields: [String]
  ) {
    self.count = count
    self.times = times
    self.pauses = pauses
    self.pausedUntil = pausedUntil
    self.milvusGeneration = milvusGeneration
    self.generation = generation
    self.fields = fields
  }

  /// Until when the operator pauses; nil where it does not.
  func pausedUntil(_ now: Date) -> Date? {
    pausedUntil.flatMap { $0 > now ? $0 : nil }
  }

  /// Counts one, unless it is counted already: a Milvus's generation holds one.
  mutating func count(_ places: [JSONPointer], milvus: ObservedMilvus, generation: Int, now: Date) {
    guard milvusGeneration != milvus.generation || self.generation != generation else { return }
    let isForgotten = times.last.map { now.timeIntervalSince($0) > Self.memory } ?? true
    if isForgotten || self.generation != generation { (count, times, pauses, pausedUntil) = (0, [], 0, nil) }
    count += 1
    times = (times + [now.inWholeSeconds]).suffix(Self.limit)
    milvusGeneration = milvus.generation
    self.generation = generation
    fields = places.map(\.description)
    let isBurst = times.count == Self.limit && now.timeIntervalSince(times[0]) <= Self.window
    guard isBurst || count >= Self.longLimit || pauses > 0 else { return }
    pausedUntil = times.last.map { $0 + min(Self.firstPause * pow(2, Double(pauses)), Self.longestPause) }
    pauses += 1
  }
}

extension Reversions {
  /// Why the fields are no longer written, and what to do.
  func notReady(until: Date, milvusTLS: String) -> NotReady {
    NotReady(
      .fieldsReverted,
      "Fields were removed from the Milvus \(count) times, probably by a GitOps tool: \(fields.joined(separator: ", ")). "
        + "Retrying at \(until.kubernetesTime). Have the tool ignore these fields (Argo CD: spec.ignoreDifferences with these "
        + "jsonPointers for group milvus.io, kind Milvus, and syncOption RespectIgnoreDifferences=true), or write them in Git; "
        + "then delete MilvusTLS \(milvusTLS) if the operator created it, or change it"
    )
  }
}
