extension Stage {
  /// Records what is requested, and notes what in the Milvus does not count.
  static func readRequest(_ context: inout ReleaseContext) -> Outcome {
    context.status.status.external = context.intent.external
    context.status.status.internal = context.intent.isInternalEnabled
    noteIgnoredAnnotations(&context)
    if let message = context.configuration.settings.misplacement {
      context.status.note(NoteReason.ignoredByMilvus, message)
    }
    let unread = context.configuration.settings.unreadVariables
    if !unread.isEmpty {
      let message =
        "The operator cannot read these environment variables, which may override the TLS configuration: "
        + unread.joined(separator: ", ")
      context.status.note(NoteReason.variablesUnread, message)
    }
    if let ports = context.configuration.differingRESTPorts {
      // milvus-operator has one field for both ends of the Service.
      let message = "\(ports.service), but Milvus serves REST elsewhere: \(ports.milvus)"
      context.status.note(NoteReason.portsDiffer, message)
    }
    return .goOn
  }

  private static func noteIgnoredAnnotations(_ context: inout ReleaseContext) {
    guard !context.milvusTLS.isManaged else { return }
    let ignored = Annotations.requests.compactMap { name in
      context.milvus.annotations[name].map { "\(name): \($0.quoted)" }
    }
    guard !ignored.isEmpty else { return }
    let message =
      "Annotations ignored because MilvusTLS \(context.milvusTLS.name) exists: \(ignored.joined(separator: ", "))"
    context.status.note(NoteReason.milvusTLSDecides, message)
  }

  /// Removes the operator's additions where no TLS is specified.
  static func disable(_ context: inout ReleaseContext) -> Outcome {
    guard !context.intent.isEnabled else { return .goOn }
    if let obstacle = context.requestProblem ?? NotReady(context.configuration.conflictsWithDisabled) {
      return .stop(obstacle)
    }
    let isRolledOut = context.milvus.isRolledOut && context.observation.pods.allSatisfy { $0.digest == nil }
    if case .patch(let patch, _) = context.configuration.removal(isRolledOut: isRolledOut) {
      return .act([.patchMilvus(patch, .remove)])
    }
    context.status.setDisabled(isRemoved: !context.configuration.isConfigured)
    return .done
  }
}
