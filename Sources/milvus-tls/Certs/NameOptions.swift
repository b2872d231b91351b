import ArgumentParser
import Foundation
import PKI

/// Names of the server certificate beside its common name.
struct NameOptions: ParsableArguments {
  @Option(
    name: .customLong("dns"),
    help: ArgumentHelp(
      "DNS name of the server, or a wildcard such as *.example.com; can be repeated.",
      valueName: "name"
    )
  )
  var dnsNames: [String] = []

  @Option(
    name: .customLong("ip"),
    help: ArgumentHelp("IPv4 or IPv6 address of the server; can be repeated.", valueName: "address")
  )
  var ipAddresses: [String] = []

  func validate() throws {
    do {
      _ = try LeafRequest(
        purpose: .client,
        subject: DistinguishedName(commonName: "any"),
        dnsNames: dnsNames,
        ipAddresses: ipAddresses,
        validity: Validity(from: Date(), duration: 86400)
      )
    } catch let error as PKIError {
      throw ValidationError(error.reason)
    }
  }
}
