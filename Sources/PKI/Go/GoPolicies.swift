import COpenSSL

/// Certificate policies of a chain (RFC 5280, 6.1), which OpenSSL and Go process alike.
enum GoPolicies {
  /// Whether a chain has a valid policy, or needs none.
  static func areValid(_ chain: [GoCertificate]) -> Bool {
    guard chain.count > 1, chain.dropLast().contains(where: \.extensions.constrainsPolicies) else { return true }
    let call = OpenSSLCall("check the certificate policies of a chain")
    defer { ERR_clear_error() }
    let status = try? CertificateStack.withStack(of: chain.map(\.certificate), for: call) { stack in
      var tree: OpaquePointer?
      var isExplicit: Int32 = 0
      defer { X509_policy_tree_free(tree) }
      return X509_policy_check(&tree, &isExplicit, stack, nil, 0)
    }
    return status == 1
  }
}
