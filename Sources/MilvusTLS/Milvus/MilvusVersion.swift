import JSON

/// The version of Milvus that a component runs, as far as the resource says.
struct MilvusVersion: Equatable {
  /// The field that names it: `spec.components.image`.
  let field: String
  /// The value of the field.
  let text: String
  /// Nil for a value that is no version, such as `latest`, `master-20250101-abc` or a digest.
  let release: MilvusRelease?

  /// The versions that a resource names, for all components and for each that runs with its own: `version`, else the
  /// tag of `image`. A tag that is no release of Milvus, as a house has it for its own images, gives way to the
  /// `version` of all components.
  static func all(in components: JSONValue?, isCluster: Bool) -> [MilvusVersion] {
    let global = named(in: components, at: "spec.components").map { [$0] } ?? []
    let hasVersion = components?["version"]?.string.map { !$0.isEmpty } ?? false
    let sections = ComponentPods.running(components, isCluster: isCluster).sorted { $0.key < $1.key }
    return global
      + sections.compactMap { section, value in
        let own = named(in: value, at: "spec.components.\(section)")
        return own?.release == nil && hasVersion ? nil : own
      }
  }

  /// The release that a component runs; nil where the resource does not say.
  static func release(of component: Component, in components: JSONValue?) -> MilvusRelease? {
    let own = named(in: components?[component.rawValue], at: "")
    let hasVersion = components?["version"]?.string.map { !$0.isEmpty } ?? false
    guard let own, own.release != nil || !hasVersion else { return named(in: components, at: "")?.release }
    return own.release
  }

  private static func named(in section: JSONValue?, at path: String) -> MilvusVersion? {
    if let version = section?["version"]?.string, !version.isEmpty {
      return MilvusVersion(field: path + ".version", text: version, release: release(ofVersion: version))
    }
    guard let image = section?["image"]?.string, !image.isEmpty else { return nil }
    return MilvusVersion(field: path + ".image", text: image, release: release(ofImage: image))
  }

  /// The release in an image's tag; nil where the image has another name than Milvus's, or the tag is none that
  /// milvus-operator can run.
  static func release(ofImage image: String) -> MilvusRelease? {
    let name = image.prefix { $0 != "@" }.split(separator: "/").last ?? ""
    guard name.hasPrefix("milvus"), let release = release(ofVersion: tag(of: image)), release.major >= 2 else {
      return nil
    }
    return release
  }

  /// The tag of an image's name; a colon before the last slash is a registry's port, what follows an at sign a digest.
  private static func tag(of image: String) -> String {
    let name = image.prefix { $0 != "@" }.split(separator: "/").last ?? ""
    return name.split(separator: ":").dropFirst().last.map(String.init) ?? ""
  }

  /// The numbers that a version begins with: `v2.5.4-gpu`, `2.5-20250101-abc` (a nightly build) and `2.6`, but not
  /// `20250101`.
  private static func release(ofVersion version: String) -> MilvusRelease? {
    let digits = version.drop { $0 == "v" }.prefix { $0 == "." || ($0.isASCII && $0.isNumber) }
    let numbers = digits.split(separator: ".").compactMap { Int($0) }
    guard numbers.count >= 2 else { return nil }
    return MilvusRelease(numbers[0], numbers[1], numbers.count > 2 ? numbers[2] : 0)
  }

  /// Whether internal TLS is there; nil where the version is not known.
  var hasInternalTLS: Bool? { release.map { $0 >= MilvusVersionTable.Feature.internalTLS.since } }
}

extension MilvusConfiguration {
  /// The release that a pod runs: its image says it, or else the resource; nil where neither does.
  func release(of pod: ObservedPod) -> MilvusRelease? {
    pod.release ?? pod.component.flatMap { MilvusVersion.release(of: $0, in: current[Self.components]) }
  }
}
