import MilvusTLS

/// What a report is made from.
struct ReportInput {
  /// Where it is from, for people.
  var scope: String
  var milvusTLS: [ObservedMilvusTLS] = []
  var milvuses: [ObservedMilvus] = []
  var secrets: [ReportSecret] = []
  /// What could not be read, for people.
  var gaps: [String] = []

  /// The Secrets that the MilvusTLS name, each once.
  var secretNames: [(namespace: String, name: String)] {
    var seen: Set<[String]> = []
    return milvusTLS.flatMap { milvusTLS in
      let status = milvusTLS.status
      let names = [status.authority?.secretName, status.certificate?.secretName] + status.clients.map(\.secretName)
      return names.compactMap(\.self).filter { !$0.isEmpty }.map { (milvusTLS.namespace, $0) }
    }.filter { seen.insert([$0.0, $0.1]).inserted }
  }
}
