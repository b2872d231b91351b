import ArgumentParser

/// A program or library that connects to Milvus.
enum ClientProgram: String, CaseIterable, ExpressibleByArgument {
  /// pymilvus.
  case python
  /// milvus-sdk-java, `MilvusClientV2`.
  case java
  /// github.com/milvus-io/milvus/client/v2.
  case go
  /// @zilliz/milvus2-sdk-node.
  case node
  /// curl, for REST.
  case curl
  /// Attu, the web interface.
  case attu
  /// milvus-backup.
  case backup

  var fileNames: ClientFileNames {
    switch self {
    case .attu: .kubernetes
    case .python, .java, .go, .node, .curl, .backup: .milvus
    }
  }

  /// Starts a comment in what it reads.
  var commentMark: String {
    switch self {
    case .java, .go, .node: "//"
    case .python, .curl, .attu, .backup: "#"
    }
  }
}
