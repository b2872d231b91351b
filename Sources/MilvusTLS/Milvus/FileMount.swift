/// A file that Milvus reads for TLS: where it looks, and which entry has to be there.
struct FileMount: Hashable {
  /// The section of Milvus's configuration that holds the path: `tls` or `internaltls`.
  let section: String
  let file: CertificateFile
  let path: String
  let entry: FileEntry
}
