extension Int {
  /// The number with a noun: `1 pod`, `2 pods`.
  func of(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}
