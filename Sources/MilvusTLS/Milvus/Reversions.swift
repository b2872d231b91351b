import Foundation
import JSON

/// How often somebody, a GitOps tool as a rule, took the operator's fields out of a Milvus again (`status.reversions`).
///
/// Each fight restarts pods: after three in ten minutes the operator stops, and tries again after an hour, two, four, at most a day.
struct Reversions: Equatable {
  private static let limit = 3
  private static let window: TimeInterval = 600
  private static let firstPause: TimeInterval = 3600
  private static let longestPause: TimeInterval = 86400

  private(set) var count = 0
  private(set) var last = Date(timeIntervalSince1970: 0)
  /// The Milvus's generation that the last one made.
  private(set) var milvusGeneration = -1
  /// The MilvusTLS's generation at the first one: a changed specification begins anew.
  private(set) var generation = -1
  /// What was taken out.
  private(set) var fields: [String] = []

  init(status: JSONValue) {
    guard let json = status["reversions"], let count = json["count"]?.integer,
      let last = json["lastTime"]?.string.flatMap({ try? Date($0, strategy: .iso8601) })
    else { return }
    self.count = count
    self.last = last
    milvusGeneration = json["milvusGeneration"]?.integer ?? -1
    generation = json["observedGeneration"]?.integer ?? -1
    fields = json["fields"]?.array?.compactMap(\.string) ?? []
  }

  var json: JSONValue {
    [
      "count": .integer(count), "lastTime": .string(last.kubernetesTime),
      "milvusGeneration": .integer(milvusGeneration),
      "observedGeneration": .integer(generation), "fields": .array(fields.map(JSONValue.string)),
    ]
  }

  /// Until when the operator stands back; nil where it does not.
  func pausedUntil(_ now: Date) -> Date? {
    guard count >= Self.limit else { return nil }
    let until = last + min(Self.firstPause * pow(2, Double(count - Self.limit)), Self.longestPause)
    return until > now ? until : nil
  }

  /// Counts one, unless it is counted already: a Milvus's generation holds one.
  mutating func count(_ places: [JSONPointer], milvus: ObservedMilvus, generation: Int, now: Date) {
    guard milvusGeneration != milvus.generation || self.generation != generation else { return }
    let isOver = now.timeIntervalSince(last) > (count < Self.limit ? Self.window : Self.longestPause + Self.window)
    count = isOver || self.generation != generation ? 1 : count + 1
    last = Date(timeIntervalSince1970: now.timeIntervalSince1970.rounded(.down))
    milvusGeneration = milvus.generation
    self.generation = generation
    fields = places.map(\.description)
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
        + "milvus.io, kind Milvus, and syncOption RespectIgnoreDifferences=true), or write them in Git; "
        + "then delete MilvusTLS \(milvusTLS) if the operator made it, or change it"
    )
  }
}
