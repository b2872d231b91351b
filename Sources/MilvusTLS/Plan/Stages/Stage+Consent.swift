import Foundation

/// What the operator leaves to whoever provides the files.
extension Stage {
  /// Stops where the configuration alone requests TLS, with files that the operator cannot see: it would cover them,
  /// and it could not tell what they are.
  static func leaveHiddenFiles(_ context: inout ReleaseContext) -> Outcome {
    guard !context.isAskedFor || context.spec.certificate.source == .provided,
      let path = context.configuration.hiddenPath(for: context.intent)
    else { return .goOn }
    judgeServed(&context)
    return .stop(
      NotReady(
        .filesNotVisible,
        "Milvus reads \(path), which no Secret or ConfigMap that it mounts provides; nothing is issued or changed. To hand TLS "
          + "over, set annotation \(Annotations.external) or \(Annotations.internal) on the Milvus, or create a MilvusTLS"
      )
    )
  }

  /// Judges what the pods serve, without knowing which certificate it has to be.
  private static func judgeServed(_ context: inout ReleaseContext) {
    let verification = Verification(
      intent: context.intent,
      digest: context.configuration.digestInPods,
      certificate: nil,
      internalCertificate: nil,
      milvus: context.milvus,
      configuration: context.configuration,
      observation: context.observation
    )
    context.served = verification
    record(verification, &context)
    if let end = verification.patienceEnd { context.wakeUps.append(end) }
    let served = verification.wanted.compactMap { context.observation.evidence.served[$0.memoryKey] }
    if let first = served.min(by: { $0.notAfter < $1.notAfter }) {
      context.status.status.certificate = MilvusTLSStatus.Certificate(first, in: "", source: .pods, digest: nil)
    } else if context.milvusTLS.status.certificate?.source == .pods {
      context.status.status.certificate = context.milvusTLS.status.certificate
    }
  }

  /// Stops while a Secret may still be on its way: Git and secret stores bring it after the Milvus.
  static func awaitProvidedSecret(_ context: inout ReleaseContext) -> Outcome {
    guard context.source == .operator, context.server == nil, context.spec.certificate.source != .operator,
      let written = context.configuration.writtenSecret(context.spec.mount),
      written.name == context.names.server, context.status.status.certificate?.source != .operator
    else { return .goOn }
    context.status.status.checkedSecret = written.name
    let missing = "Secret \(written.name), which the Milvus mounts, does not exist yet"
    // The operator's own Secret would not have these entries.
    let entries = CertificateFile.allCases.compactMap { file in
      written.layout[file].flatMap { $0 == file.defaultName ? nil : $0 }
    }
    guard entries.isEmpty else {
      return .stop(NotReady(.secretMissing, "\(missing); waiting for it (\(entries.unique.joined(separator: ", ")))"))
    }
    guard !context.isAskedFor else { return .goOn }
    guard let wait = context.observation.issueMissingAfter else {
      return .stop(NotReady(.secretMissing, "\(missing); waiting for it (--issue-missing-after never)"))
    }
    let end = (context.milvus.createdAt ?? .distantPast) + wait.wholeSeconds
    guard context.now < end else { return .goOn }
    context.wakeUps.append(end)
    let message =
      "\(missing); waiting until \(end.kubernetesTime) for somebody to create it, then the operator issues it"
    return .stop(NotReady(.secretMissing, message))
  }
}
