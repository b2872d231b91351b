import Foundation
import JSON

/// How often somebody, a GitOps tool as a rule, took the operator's fields out of a Milvus again (`status.reversions`).
///
/// Each fight restarts pods: after three in ten minutes, or ten in a row with less than a day between each, the operator stops. It tries again
/// after an hour, and where that is reverted too after two, four, at most a day.
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
  /// Until when the operator stands back.
  private(set) var pausedUntil: Date?
  /// The Milvus's generation that the last one made.
  private(set) var milvusGeneration = -1
  /// The MilvusTLS's generation: a changed specification begins anew.
  private(set) var generation = -1
  /// What was taken out.
  private(set) var fields: [String] = []

  init(status: JSONValue) {
    guard let json = status["reversions"], let count = json["count"]?.integer else { return }
    self.count = count
    times = json["times"]?.array?.compactMap { $0.string.flatMap(Self.date) } ?? []
    pauses = json["pauses"]?.integer ?? 0
    pausedUntil = json["pausedUntil"]?.string.flatMap(Self.date)
    milvusGeneration = json["milvusGeneration"]?.integer ?? -1
    generation = json["observedGeneration"]?.integer ?? -1
    fields = json["fields"]?.array?.compactMap(\.string) ?? []
  }

  private static func date(_ text: String) -> Date? { try? Date(text, strategy: .iso8601) }

  var json: JSONValue {
    var json: JSONValue = [
      "count": .integer(count), "times": .array(times.map { .string($0.kubernetesTime) }), "pauses": .integer(pauses),
      "milvusGeneration": .integer(milvusGeneration), "observedGeneration": .integer(generation),
      "fields": .array(fields.map(JSONValue.string)),
    ]
    json["pausedUntil"] = pausedUntil.map { .string($0.kubernetesTime) }
    return json
  }

  /// Until when the operator stands back; nil where it does not.
  func pausedUntil(_ now: Date) -> Date? {
    pausedUntil.flatMap { $0 > now ? $0 : nil }
  }

  /// Counts one, unless it is counted already: a Milvus's generation holds one.
  mutating func count(_ places: [JSONPointer], milvus: ObservedMilvus, generation: Int, now: Date) {
    guard milvusGeneration != milvus.generation || self.generation != generation else { return }
    let isForgotten = times.last.map { now.timeIntervalSince($0) > Self.memory } ?? true
    if isForgotten || self.generation != generation { (count, times, pauses, pausedUntil) = (0, [], 0, nil) }
    count += 1
    times = (times + [Date(timeIntervalSince1970: now.timeIntervalSince1970.rounded(.down))]).suffix(Self.limit)
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
  /// Why the fields are not written any more, and what is to be done.
  func obstacle(until: Date, milvusTLS: String) -> Obstacle {
    let pointers = fields.joined(separator: ", ")
    return Obstacle(
      reason: "FieldsReverted",
      message:
        "somebody, a GitOps tool as a rule, took \(pointers) out of the Milvus \(count) times; this operator waits until "
        + "\(until.kubernetesTime). Have the tool ignore these fields (Argo CD: spec.ignoreDifferences with these jsonPointers for group "
        + "milvus.io, kind Milvus, and syncOption RespectIgnoreDifferences=true), or write them in Git and go on asking for TLS; "
        + "then delete MilvusTLS \(milvusTLS) if the operator made it, or change it"
    )
  }
}
