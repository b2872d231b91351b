import Foundation
import JSON
import YAML

/// Judges a Compose file as the Milvus that its services are, with the milvus.yaml that they mount.
struct ComposeCheck {
  let release: ReleaseCheck
  /// The milvus.yaml that is judged with it; nil where it is not at hand.
  let configurationPath: String?

  /// - Parameter files: what else is judged; milvus.yaml may be among them.
  /// - Throws: `CommandFailure` if no service runs Milvus, or its milvus.yaml cannot be read.
  init(_ file: CheckedFile, among files: [CheckedFile]) throws {
    let document = file.documents.first { !$0.value.isNull }
    let folder =
      file.path == "-"
      ? URL(filePath: FileManager.default.currentDirectoryPath) : URL(filePath: file.path).deletingLastPathComponent()
    let services = (document?.value["services"]?.object ?? [:]).sorted { $0.key < $1.key }
      .compactMap { ComposeService(name: $0, $1, folder: folder) }
    guard let document, !services.isEmpty else {
      throw CommandFailure("\(file.name): no service runs Milvus (milvus run standalone, or milvus run <component>)")
    }
    let isCluster = !services.contains { $0.section == "standalone" }
    let serving = services.first { $0.section == (isCluster ? "proxy" : "standalone") } ?? services[0]
    let configuration = try Self.configuration(serving, among: files)
    configurationPath = configuration?.path

    var components: JSONValue = [:]
    for service in services where components[service.section] == nil {
      components[service.section] = service.component
    }
    let configured = configuration?.documents.first { !$0.value.isNull }
    let milvus: JSONValue = [
      "metadata": ["name": "milvus"],
      "spec": [
        "mode": .string(isCluster ? "cluster" : "standalone"), "config": configured?.value ?? [:],
        "components": components,
      ],
    ]
    let mounts = services.flatMap(\.mounts)
    let place = { (field: String) -> FilePlace in
      if field.hasPrefix("spec.config."), let configuration, let configured {
        let rest = String(field.dropFirst("spec.config.".count))
        return FilePlace(file: configuration.name, place: configured.places.place(of: rest))
      }
      let service = services.first { field.hasPrefix("spec.components.\($0.section)") }
      let own = service.map { $0.field(field.dropFirst("spec.components.\($0.section).".count)) }
      return FilePlace(file: file.name, place: document.places.place(of: own ?? "services"))
    }
    let placeOfText = { (text: String) -> FilePlace? in
      if let mount = mounts.first(where: { $0.secretName == text }) {
        return FilePlace(file: file.name, place: document.places.place(of: mount.field))
      }
      guard let configuration, let found = configured?.places.place(ofText: text) else { return nil }
      return FilePlace(file: configuration.name, place: found)
    }
    release = ReleaseCheck(
      milvus: milvus,
      origin: ReleaseOrigin(place: place, placeOfText: placeOfText) { Self.words($0, mounts) },
      folders: mounts.compactMap(\.folderSecret),
      promised: Set(mounts.map(\.secretName))
    )
  }

  private static func words(_ message: String, _ mounts: [ComposeService.Mount]) -> String {
    var words = message.components(separatedBy: "; nothing is issued or changed").first ?? message
    words = words.replacing("no Secret or ConfigMap that it mounts provides", with: "no mount of the service provides")
    for mount in mounts { words = words.replacing("Secret \(mount.secretName)", with: mount.source) }
    return words.replacing("spec.config.", with: "").replacing("spec.components.", with: "")
  }

  private static func configuration(_ service: ComposeService, among files: [CheckedFile]) throws -> CheckedFile? {
    guard let path = service.configurationPath else { return nil }
    let same = files.first { $0.kind == .configuration && URL(filePath: $0.path).standardizedFileURL.path == path }
    if let same { return same }
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let folder = FileManager.default.currentDirectoryPath + "/"
    return try CheckedFile(reading: path.hasPrefix(folder) ? String(path.dropFirst(folder.count)) : path)
  }
}
