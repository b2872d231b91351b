import Observability

/// Which program runs.
enum BuildInfo {
  static var families: [MetricFamily] {
    [
      MetricFamily(
        "milvus_tls_build_info",
        .gauge,
        help: "The version that runs; the value is always 1.",
        samples: [MetricFamily.Sample(1, labels: [("version", Version.current)])]
      )
    ]
  }
}
