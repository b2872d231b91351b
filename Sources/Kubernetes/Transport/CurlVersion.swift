import CCurl

/// The libcurl that the program runs with.
package enum CurlVersion {
  /// For example `7.88.1`.
  package static var text: String {
    curl_version_info(CURLVERSION_FIRST)?.pointee.version.map { String(cString: $0) } ?? "unknown"
  }
}
