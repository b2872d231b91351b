/// A stage of the plan: a function of the context that says how it goes on.
struct Stage: Sendable {
  enum Outcome {
    /// The next stage is run.
    case goOn
    /// These actions are carried out, and a new plan is made.
    case act([TLSPlan.Action])
    /// The specified TLS cannot be given; what serves is kept alive.
    case stop(NotReady)
    /// Nothing is left to do.
    case done
  }

  let name: String
  let run: @Sendable (inout ReleaseContext) throws -> Outcome

  /// All stages in order. Each relies on what the earlier ones put into the context.
  static let all = [
    Stage(name: "read the request", run: readRequest),
    Stage(name: "let go of Secrets that became somebody else's", run: releaseSecrets),
    Stage(name: "disable", run: disable),
    Stage(name: "leave files alone that cannot be seen", run: leaveHiddenFiles),
    Stage(name: "look up the server's Secret", run: lookUpServerSecret),
    Stage(name: "wait for a provided Secret", run: awaitProvidedSecret),
    Stage(name: "audit the provided Secret", run: auditProvidedSecret),
    Stage(name: "find obstacles", run: findObstacles),
    Stage(name: "look up other Secrets", run: lookUpCertificates),
    Stage(name: "adopt Secrets", run: adoptSecrets),
    Stage(name: "write certificates", run: writeCertificates),
    Stage(name: "release unlisted clients", run: releaseClients),
    Stage(name: "configure the Milvus", run: configureMilvus),
    Stage(name: "verify the pods", run: verifyPods),
    Stage(name: "rotate the CA", run: rotateAuthority),
  ]
}
