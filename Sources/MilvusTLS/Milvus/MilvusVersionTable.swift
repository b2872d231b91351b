/// What came with which release of Milvus, and the faults of releases that matter beside TLS. The only place that
/// knows; each line has its source.
enum MilvusVersionTable {
  /// What Milvus has since a release.
  enum Feature {
    /// `POST /v2/vectordb/...` beside `GET /v1/vector/...` (https://milvus.io/api-reference/restful/v2.4.x/About.md;
    /// 2.3.13 and later have it too, in parts).
    case restVersion2
    /// `common.security.internaltlsEnabled`, and the log line that says so (milvus-io/milvus #36864).
    case internalTLS
    /// Internal TLS of the streaming node, and its log line (milvus-io/milvus #42685, on master after the branch of
    /// 2.5).
    case streamingNodeTLS

    /// The first release that has it.
    var since: MilvusRelease {
      switch self {
      case .restVersion2: MilvusRelease(2, 4, 0)
      case .internalTLS: MilvusRelease(2, 5, 0)
      case .streamingNodeTLS: MilvusRelease(2, 6, 0)
      }
    }
  }

  /// Faults of the port for metrics and administration.
  enum MetricsPortFault: CaseIterable {
    /// `/api/v1` asks for no password, and `/expr` takes a token that everybody knows (CVE-2026-26190,
    /// GHSA-7ppg-37fh-vcr6): before 2.5.27, and 2.6.0 to 2.6.9; 2.3 and 2.4 get no mended release.
    case unauthenticated
    /// `/management/stop` and its like ask for no password (milvus-io/milvus #50763): seen in 2.6.15; no release is
    /// known to have mended it.
    case openManagement
    /// `/api/v1` asks for a password and not for privileges (milvus-io/milvus #53415): the releases that mended
    /// CVE-2026-26190.
    case withoutPrivileges

    func affects(_ release: MilvusRelease) -> Bool {
      let isUnauthenticated =
        release < MilvusRelease(2, 5, 27) || (MilvusRelease(2, 6, 0)..<MilvusRelease(2, 6, 10)).contains(release)
      return switch self {
      case .unauthenticated: isUnauthenticated
      case .openManagement: true
      case .withoutPrivileges: !isUnauthenticated
      }
    }

    /// The faults that open an API to clients without credentials.
    static func all(of api: MetricsPortAPI, in release: MilvusRelease) -> [MetricsPortFault] {
      let candidates: [MetricsPortFault] =
        switch api {
        case .data, .expressions: [.unauthenticated]
        case .management: [.openManagement]
        case .logLevel: []
        }
      return candidates.filter { $0.affects(release) }
    }

    /// What it is called, and where it is mended.
    var title: String {
      switch self {
      case .unauthenticated: "CVE-2026-26190, fixed in 2.5.27 and 2.6.10"
      case .openManagement: "milvus-io/milvus #50763, not fixed"
      case .withoutPrivileges: "/api/v1 asks for a password, not for privileges (milvus-io/milvus #53415)"
      }
    }
  }

  /// Whether a proxy cannot forward requests over TLS to proxies of 2.5, as it does during an upgrade
  /// (milvus-io/milvus #48224: seen with 2.6.11, mended later).
  static func losesForwardedRequests(_ release: MilvusRelease) -> Bool {
    (MilvusRelease(2, 6, 0)...MilvusRelease(2, 6, 11)).contains(release)
  }

  /// Whether a proxy is one that such a proxy forwards requests to.
  static func isForwardedTo(_ release: MilvusRelease) -> Bool {
    (MilvusRelease(2, 5, 0)..<MilvusRelease(2, 6, 0)).contains(release)
  }
}
