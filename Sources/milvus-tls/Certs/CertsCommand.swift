import ArgumentParser

/// `milvus-tls certs`: certificate files without a cluster, as the manual's gen.sh and renew.sh make them.
struct CertsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "certs",
    abstract: "Create, renew and inspect certificate files.",
    discussion: """
      Replaces gen.sh, renew.sh and openssl x509 of the manual. create and renew need no cluster and no openssl program.
      """,
    subcommands: [CreateCertsCommand.self, RenewCertsCommand.self, InspectCertsCommand.self]
  )
}
