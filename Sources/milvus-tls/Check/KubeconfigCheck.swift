import MilvusTLS
import YAML

/// Judges a kubeconfig as the operator reads it: a name that stands twice in one file is refused.
struct KubeconfigCheck {
  private let file: CheckedFile

  init(_ file: CheckedFile) { self.file = file }

  var findings: [Finding] {
    file.documents.flatMap { document in
      ["clusters", "contexts", "users"].flatMap { list in
        var names: Set<String> = []
        return (document.value[list]?.array ?? []).enumerated().compactMap { index, entry -> Finding? in
          guard let name = entry["name"]?.string, !names.insert(name).inserted else { return nil }
          return Finding(
            .error,
            ReadyReason.conflict.rawValue,
            "\(list) has two entries named \(name.debugDescription): which one counts is not defined",
            mend: "Rename or remove one of them.",
            in: file.name,
            at: document.places.place(of: "\(list).\(index)")
          )
        }
      }
    }
  }
}
