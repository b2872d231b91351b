import JSON
import YAML

/// Judges a milvus.yaml by itself: where its files are mounted is not known.
struct ConfigurationCheck {
  let release: ReleaseCheck

  init(_ file: CheckedFile) throws {
    let document = file.documents.first { !$0.value.isNull }
    let place = { (field: String) in
      let rest = field.hasPrefix("spec.config.") ? String(field.dropFirst("spec.config.".count)) : ""
      return FilePlace(
        file: file.name,
        place: document?.places.place(of: rest) ?? YAMLPlaces.Place(line: 1, column: 1)
      )
    }
    let milvus: JSONValue = [
      "metadata": ["name": "milvus"], "spec": ["mode": "standalone", "config": document?.value ?? [:]],
    ]
    release = ReleaseCheck(
      milvus: milvus,
      origin: ReleaseOrigin(
        place: place,
        placeOfText: { _ in nil },
        words: { $0.replacing("spec.config.", with: "") }
      ),
      impliesTLS: true
    )
  }
}
