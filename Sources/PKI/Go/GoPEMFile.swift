/// What Go finds in a file of certificates or with a private key; never holds the private key itself.
public struct GoPEMFile: Sendable, Hashable {
  /// A certificate block: the certificate, or why Go refuses it.
  public enum Entry: Sendable, Hashable {
    case certificate(GoCertificate)
    case refused(GoRefusal)
  }

  /// The certificate blocks that a server sends, the leaf first. Empty where Go finds none.
  public let served: [Entry]
  /// The certificates that become trusted; blocks that Go cannot read, or that have headers, are passed over.
  public let trusted: [GoCertificate]
  /// Why certificate blocks are passed over where the file is to be trusted.
  public let ignored: [GoRefusal]
  /// Whether the file has no text.
  public let isEmpty: Bool
  /// Labels of the blocks of other kinds than certificates and private keys: `TRUSTED CERTIFICATE`.
  private let otherLabels: [String]
  private let key: Result<GoPublicKey, GoRefusal>?
  /// What is wrong with the text: why a block that a person sees in it is none for Go.
  private let textProblem: GoRefusal?

  /// Reads a file.
  public init(_ bytes: [UInt8]) {
    let blocks = PEMBlock.all(in: bytes)
    isEmpty = bytes.allSatisfy { $0 == 0x20 || (0x09...0x0d).contains($0) }
    let certificates = blocks.filter { $0.label == "CERTIFICATE" }
    let read = certificates.map(Entry.init)
    served = read
    trusted = zip(certificates, read).compactMap { block, entry in block.headers.isEmpty ? entry.certificate : nil }
    ignored = zip(certificates, read).compactMap { block, entry in
      block.headers.isEmpty
        ? entry.refusal : GoRefusal("has lines with a colon under -----BEGIN CERTIFICATE-----: remove them")
    }
    let keyBlock = blocks.first { Self.isPrivateKey($0.label) }
    key = keyBlock.map { block in Result { () throws(GoRefusal) in try GoPrivateKey.publicKey(of: block) } }
    otherLabels = blocks.map(\.label).filter { $0 != "CERTIFICATE" && !Self.isPrivateKey($0) }
    textProblem = PEMDiagnosis(bytes).problem(found: blocks.count)
  }

  private static func isPrivateKey(_ label: String) -> Bool {
    label == "PRIVATE KEY" || label.hasSuffix(" PRIVATE KEY")
  }

  /// The certificate that a server of Go presents, with the private key of the other file.
  ///
  /// - Throws: ``GoRefusal`` about this file if the first certificate block cannot be used, or there is none.
  public func leaf() throws(GoRefusal) -> GoCertificate {
    switch served.first {
    case .certificate(let leaf): return leaf
    case .refused(let refusal): throw refusal
    case nil: break
    }
    if let textProblem { throw textProblem }
    if key != nil { throw GoRefusal("holds a private key instead of a certificate") }
    throw missing("CERTIFICATE")
  }

  /// Checks the private key as a server reads it.
  ///
  /// - Returns: whether it belongs to a certificate.
  /// - Throws: ``GoRefusal`` about this file if Go finds no private key in it, or cannot read the first one.
  public func holdsKey(of certificate: GoCertificate) throws(GoRefusal) -> Bool {
    switch (try publicKey(), certificate.publicKey) {
    case (.rsa(let modulus, _), .rsa(let other, _)): return modulus == other
    case (let key, let other): return key == other
    }
  }

  /// Checks that there is a private key that Go can read.
  ///
  /// - Throws: ``GoRefusal`` about this file.
  public func checkKey() throws(GoRefusal) { _ = try publicKey() }

  private func publicKey() throws(GoRefusal) -> GoPublicKey {
    if let key { return try key.get() }
    if let textProblem { throw textProblem }
    guard served.isEmpty else { throw GoRefusal("holds a certificate instead of a private key") }
    throw missing("PRIVATE KEY")
  }

  /// Checks that there is a certificate to trust.
  ///
  /// - Throws: ``GoRefusal`` about this file.
  public func checkTrusted() throws(GoRefusal) {
    guard trusted.isEmpty else { return }
    if let refusal = ignored.first { throw refusal }
    if let textProblem { throw textProblem }
    if key != nil { throw GoRefusal("holds a private key instead of a certificate") }
    throw missing("CERTIFICATE")
  }

  /// What a person should know of a file that can be used: blocks in it that Go passes over.
  public var passedOver: GoRefusal? {
    if let textProblem { return textProblem }
    return otherLabels.first { !["EC PARAMETERS", "DH PARAMETERS"].contains($0) }
      .map { GoRefusal("has a block \($0), which Go passes over") }
  }

  private func missing(_ label: String) -> GoRefusal {
    guard !otherLabels.isEmpty else { return GoRefusal("holds no PEM text (-----BEGIN \(label)-----)") }
    let labels = otherLabels.joined(separator: ", ")
    return GoRefusal("has blocks of other kinds alone (\(labels)), and Go looks for -----BEGIN \(label)-----")
  }
}

extension GoPEMFile.Entry {
  fileprivate init(_ block: PEMBlock) {
    do {
      self = .certificate(try GoCertificate(der: block.bytes))
    } catch {
      self = .refused(error)
    }
  }

  /// The certificate that Go reads.
  public var certificate: GoCertificate? {
    guard case .certificate(let certificate) = self else { return nil }
    return certificate
  }

  /// Why Go refuses it.
  public var refusal: GoRefusal? {
    guard case .refused(let refusal) = self else { return nil }
    return refusal
  }
}
