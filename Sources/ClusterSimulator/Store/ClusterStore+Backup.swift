import JSON

/// A copy of everything in a store, as a snapshot of etcd has it.
public struct StoreBackup: Sendable {
  fileprivate let types: [ResourceType]
  fileprivate let objects: [ResourceIdentifier: [ObjectAddress: JSONValue]]
  fileprivate let owners: [ObjectAddress: FieldOwnership]
  fileprivate let uids: Set<String>
  fileprivate let revision: Int
}

extension ClusterStore {
  /// What is there now.
  public func backup() -> StoreBackup {
    StoreBackup(types: types, objects: objects, owners: owners, uids: uids, revision: revision)
  }

  /// Puts everything back to a backup, resourceVersions included, as a restore of etcd does. The API servers restart with
  /// it, so all watches break, and none can start from a version before the backup's. `changes()` reports nothing of
  /// this.
  /// - Parameter bump: by how much the revision is higher than the backup's, as with etcd's `--bump-revision` and
  ///   `--mark-compacted`.
  public func restore(_ backup: StoreBackup, bump: Int = 0) {
    types = backup.types
    objects = backup.objects
    owners = backup.owners
    uids = backup.uids
    revision = backup.revision + bump
    history = history.restarted(at: revision)
    cutWatches(of: nil, abruptly: true)
  }
}
