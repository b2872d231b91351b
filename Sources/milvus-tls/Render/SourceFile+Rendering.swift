import MilvusTLS

extension SourceFile {
  /// Renders a Milvus, or a release described as one.
  /// - Parameter field: the field of this file that a field of the Milvus comes from.
  /// - Throws: `CommandFailure` with the place of the first field that does not fit.
  func rendering(
    _ document: Int = 0,
    field: (String) -> String = { $0 },
    _ render: () throws -> RenderedMilvus
  ) throws -> RenderedMilvus {
    do {
      return try render()
    } catch let problem as RenderedMilvus.Problem {
      throw failure(problem, field: field, in: document)
    }
  }

  func failure(
    _ problem: RenderedMilvus.Problem,
    field: (String) -> String = { $0 },
    in document: Int = 0
  ) -> CommandFailure {
    let message =
      switch problem {
      case .conflicts(let conflicts):
        conflicts.map { "\(field($0.field)) is \($0.found), must be \($0.wanted)" }.joined(separator: "; ")
      case .unusable(let name, let message): "\(field(name)) \(message)"
      }
    return failure(message, at: problem.field.map(field) ?? "", in: document)
  }
}

extension RenderedMilvus.Problem {
  /// The first field that it is about.
  var field: String? {
    switch self {
    case .conflicts(let conflicts): conflicts.first?.field
    case .unusable(let field, _): field
    }
  }
}
