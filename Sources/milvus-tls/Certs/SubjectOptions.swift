import ArgumentParser
import PKI

/// The variables of gen.sh: attributes of the certificates' subjects.
struct SubjectOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Country (C), two letters. gen.sh: Country.", valueName: "code"))
  var country: String?

  @Option(help: ArgumentHelp("State or province (ST). gen.sh: State.", valueName: "name"))
  var province: String?

  @Option(help: ArgumentHelp("City (L). gen.sh: Location.", valueName: "name"))
  var locality: String?

  @Option(help: ArgumentHelp("Organization (O). gen.sh: Organization.", valueName: "name"))
  var organization: String?

  @Option(help: ArgumentHelp("Organizational unit (OU). gen.sh: OrganizationUnit.", valueName: "name"))
  var organizationalUnit: String?

  @Option(
    help: ArgumentHelp(
      "Common name (CN) of the server certificate, also one of its names. gen.sh: CommonName.",
      valueName: "name"
    )
  )
  var commonName: String?

  func validate() throws {
    if commonName?.isEmpty ?? false { throw ValidationError("--common-name \"\": must not be empty") }
    do {
      _ = try subject(replacing: nil, commonName: commonName)
    } catch let error as PKIError {
      throw ValidationError(error.reason)
    }
  }

  /// A subject with these attributes.
  /// - Parameters:
  ///   - old: where attributes come from that no option gives; nil for none.
  ///   - commonName: nil for that of the old subject.
  /// - Throws: `PKIError` that names the attribute.
  func subject(replacing old: DistinguishedName?, commonName: String?) throws -> DistinguishedName {
    let isUnchanged = [country, province, locality, organization, organizationalUnit].allSatisfy { $0 == nil }
    // A subject may have attributes beside the six.
    if isUnchanged, let old, commonName == nil || commonName == old.commonName { return old }
    return try DistinguishedName(
      commonName: commonName ?? old?.commonName ?? "",
      country: country ?? old?.country ?? "",
      province: province ?? old?.province ?? "",
      locality: locality ?? old?.locality ?? "",
      organization: organization ?? old?.organization ?? "",
      organizationalUnit: organizationalUnit ?? old?.organizationalUnit ?? ""
    )
  }
}
