// swift-tools-version: 6.2
import PackageDescription

// Warnings are errors where continuous integration asks for it (.ci/run), so that a newer compiler's new warning never stops a user's build.
let settings: [SwiftSetting] =
  Context.environment["WARNINGS_AS_ERRORS"] == nil ? [] : [.treatAllWarnings(as: .error)]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
// Not the whole library, which the linker cannot leave out again.
let collections: [Target.Dependency] = ["DequeModule", "HeapModule", "OrderedCollections"].map {
  .product(name: $0, package: "swift-collections")
}
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let flyingFox: Target.Dependency = .product(name: "FlyingFox", package: "FlyingFox")

let package = Package(
  name: "milvus-tls-operator",
  products: [
    .executable(name: "milvus-tls", targets: ["milvus-tls"]),
    .library(name: "PKI", targets: ["PKI"]),
    .library(name: "Kubernetes", targets: ["Kubernetes"]),
    .library(name: "KubernetesRuntime", targets: ["KubernetesRuntime"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
  ],
  targets: [
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CEpoll"),
    .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),

    .target(name: "CICUData"),

    .target(name: "JSON", swiftSettings: settings),
    .target(name: "YAML", dependencies: ["CLibYAML", "JSON"], swiftSettings: settings),
    .target(name: "Schedule", swiftSettings: settings),
    .target(name: "PKI", dependencies: ["CEpoll", "COpenSSL"], swiftSettings: settings),
    .target(
      name: "Kubernetes",
      dependencies: ["CCurl", "JSON", "YAML", logging, metrics, subprocess],
      swiftSettings: settings
    ),
    .target(
      name: "KubernetesRuntime",
      dependencies: collections + ["JSON", "Kubernetes", logging, metrics, serviceLifecycle],
      swiftSettings: settings
    ),
    .target(
      name: "Observability",
      dependencies: ["JSON", "KubernetesRuntime", flyingFox, logging, metrics, serviceLifecycle],
      swiftSettings: settings
    ),
    .target(name: "MilvusTLS", dependencies: ["JSON", "PKI", "Schedule"], swiftSettings: settings),
    .target(
      name: "Operator",
      dependencies: [
        "JSON", "PKI", "Kubernetes", "KubernetesRuntime", "Observability", "MilvusTLS", logging, metrics,
        serviceLifecycle,
      ],
      swiftSettings: settings
    ),
    .target(
      name: "ClusterSimulator",
      dependencies: ["COpenSSL", "JSON", "PKI", "YAML", flyingFox, logging],
      // The custom resource definitions are part of the program: the demo needs no files beside it.
      resources: [.embedInCode("Resources/milvustls-crd.yaml"), .embedInCode("Resources/milvus-crd.yaml")],
      swiftSettings: settings
    ),
    .executableTarget(
      name: "milvus-tls",
      dependencies: [
        "CICUData", "JSON", "YAML", "PKI", "Kubernetes", "KubernetesRuntime", "Observability", "MilvusTLS", "Operator",
        "ClusterSimulator", argumentParser, logging, metrics, serviceLifecycle,
      ],
      swiftSettings: settings
    ),

    .executableTarget(
      name: "list-memory",
      dependencies: ["JSON", "Kubernetes", flyingFox, subprocess],
      path: "Benchmarks/list-memory",
      swiftSettings: settings
    ),

    .executableTarget(
      name: "fault-memory",
      dependencies: ["JSON", "Kubernetes", "Operator", "ClusterSimulator", logging, subprocess],
      path: "Benchmarks/fault-memory",
      swiftSettings: settings
    ),

    .target(name: "TestSupport", dependencies: [logging], path: "Tests/TestSupport", swiftSettings: settings),
    .testTarget(name: "JSONTests", dependencies: ["TestSupport", "JSON"], swiftSettings: settings),
    .testTarget(name: "YAMLTests", dependencies: ["TestSupport", "YAML", "JSON"], swiftSettings: settings),
    .testTarget(name: "ScheduleTests", dependencies: ["TestSupport", "Schedule"], swiftSettings: settings),
    .testTarget(name: "PKITests", dependencies: ["PKI", "COpenSSL"], swiftSettings: settings),
    .testTarget(
      name: "KubernetesTests",
      dependencies: ["TestSupport", "Kubernetes", "JSON", flyingFox, logging, metrics],
      swiftSettings: settings
    ),
    .testTarget(
      name: "KubernetesRuntimeTests",
      dependencies: [
        "TestSupport", "KubernetesRuntime", "Kubernetes", "JSON", "ClusterSimulator", serviceLifecycle,
        .product(name: "MetricsTestKit", package: "swift-metrics"),
      ],
      swiftSettings: settings
    ),
    .testTarget(
      name: "ObservabilityTests",
      dependencies: ["TestSupport", "Observability", "KubernetesRuntime", "JSON", flyingFox, logging, metrics],
      swiftSettings: settings
    ),
    .testTarget(
      name: "MilvusTLSTests",
      dependencies: ["TestSupport", "MilvusTLS", "JSON", "PKI", "YAML"],
      exclude: ["Golden"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "GoVerdictTests",
      dependencies: ["MilvusTLS", "JSON", "PKI"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "OperatorTests",
      dependencies: [
        "TestSupport", "Operator", "ClusterSimulator", "Kubernetes", "KubernetesRuntime", "Observability", "MilvusTLS",
        "JSON", "PKI", logging, metrics, flyingFox, serviceLifecycle,
      ],
      swiftSettings: settings
    ),
    .testTarget(
      name: "CommandLineTests",
      dependencies: ["TestSupport", "milvus-tls", "ClusterSimulator", "MilvusTLS", "JSON", "PKI", "YAML"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "ClusterSimulatorTests",
      dependencies: ["TestSupport", "ClusterSimulator", "Kubernetes", "COpenSSL", "JSON", "PKI", logging],
      swiftSettings: settings
    ),
  ],
  swiftLanguageModes: [.v6]
)
