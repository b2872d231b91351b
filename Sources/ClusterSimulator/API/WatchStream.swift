import JSON

/// The lines of one watch: changes filtered by a selector, bookmarks, and the end after the timeout
/// (https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes).
struct WatchStream: Sendable {
  let type: ResourceType
  let selector: Selector
  let sendsBookmarks: Bool
  /// Seconds until the server ends it.
  let timeout: Int
  let bookmarkInterval: Duration
  let nextFault: @Sendable () -> AnswerFault?

  /// Opens the watch.
  /// - Parameter revision: nil or 0 starts with the current objects.
  func open(on store: ClusterStore, namespace: String?, after revision: Int?) async
    -> AsyncThrowingStream<[UInt8], any Error>
  {
    let start = revision == 0 ? nil : revision
    do {
      let (id, signals) = try await store.watch(type.storage, namespace: namespace, after: start)
      let clock = Task { await end(id, on: store) }
      return DisturbedLines.stream(of: signals.compactMap { line(for: $0) }, nextFault: nextFault) { clock.cancel() }
    } catch {
      // The real server answers 200 and sends the error in the stream.
      let status = error as? ServerStatus ?? .badRequest("\(error)")
      let (lines, continuation) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
      continuation.yield(Self.line("ERROR", status.body))
      continuation.finish()
      return lines
    }
  }

  /// Sends bookmarks during the watch, and one before its end.
  private func end(_ id: Int, on store: ClusterStore) async {
    var remaining = Duration.seconds(timeout)
    while remaining > .zero {
      let pause = sendsBookmarks ? min(remaining, bookmarkInterval) : remaining
      guard (try? await Task.sleep(for: pause)) != nil else { return }
      remaining -= pause
      if sendsBookmarks { await store.sendBookmark(to: id) }
    }
    await store.endWatch(id)
  }

  private func line(for signal: WatchSignal) -> [UInt8]? {
    switch signal {
    case .bookmark(let revision):
      let bookmark: JSONValue = [
        "apiVersion": .string(type.apiVersion), "kind": .string(type.kind),
        "metadata": ["resourceVersion": .string(String(revision)), "creationTimestamp": .null],
      ]
      return Self.line("BOOKMARK", bookmark)
    case .event(let event):
      return selected(event).map { Self.line($0.rawValue, type.presented($1)) }
    }
  }

  /// The change as seen by a client with this selector: an object that starts to match is added, one that no longer
  /// matches is deleted.
  private func selected(_ event: StoreEvent) -> (StoreEvent.Kind, JSONValue)? {
    guard event.kind != .added else { return selector.matches(event.object) ? (.added, event.object) : nil }
    let matched = event.previous.map(selector.matches) ?? false
    let matches = event.kind != .deleted && selector.matches(event.object)
    switch (matched, matches) {
    case (true, true): return (.modified, event.object)
    case (false, true): return (.added, event.object)
    case (false, false): return nil
    case (true, false):
      var last = event.kind == .deleted ? event.object : event.previous ?? event.object
      last.setMetadata("resourceVersion", .string(String(event.revision)))
      return (.deleted, last)
    }
  }

  private static func line(_ type: String, _ object: JSONValue) -> [UInt8] {
    let event: JSONValue = ["type": .string(type), "object": object]
    return Array(event.serialized()) + [UInt8(ascii: "\n")]
  }
}
