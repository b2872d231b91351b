import CLibYAML

/// Owns a `yaml_parser_t` and its input.
final class EventParser {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let input: UnsafeMutableBufferPointer<UInt8>

  init(_ text: String) throws {
    parser = .allocate(capacity: 1)
    guard yaml_parser_initialize(parser) == 1 else {
      parser.deallocate()
      throw YAMLError(message: "out of memory", line: 0, column: 0)
    }
    let bytes = Array(text.utf8)
    input = .allocate(capacity: bytes.count)
    _ = input.initialize(from: bytes)
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, UnsafePointer(input.baseAddress), bytes.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    input.deallocate()
  }

  /// The next event of the stream.
  /// - Throws: `YAMLError` with the parser's message.
  func next() throws -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
    defer { yaml_event_delete(&event) }
    return Self.copy(event)
  }

  private static func copy(_ event: yaml_event_t) -> Event {
    let (mark, end) = (Mark(event.start_mark), Mark(event.end_mark))
    switch event.type {
    case YAML_STREAM_START_EVENT: return Event(kind: .streamStart, mark: mark, end: end)
    case YAML_DOCUMENT_START_EVENT: return Event(kind: .documentStart, mark: mark, end: end)
    case YAML_DOCUMENT_END_EVENT: return Event(kind: .documentEnd, mark: mark, end: end)
    case YAML_ALIAS_EVENT: return Event(kind: .alias(text(event.data.alias.anchor) ?? ""), mark: mark, end: end)
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let content = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      let kind = Event.Kind.scalar(.init(text: content, style: style(scalar.style)))
      return Event(kind: kind, mark: mark, end: end, anchor: text(scalar.anchor), tag: text(scalar.tag))
    case YAML_SEQUENCE_START_EVENT:
      let start = event.data.sequence_start
      let kind = Event.Kind.sequenceStart(isFlow: start.style == YAML_FLOW_SEQUENCE_STYLE)
      return Event(kind: kind, mark: mark, end: end, anchor: text(start.anchor), tag: text(start.tag))
    case YAML_SEQUENCE_END_EVENT: return Event(kind: .sequenceEnd, mark: mark, end: end)
    case YAML_MAPPING_START_EVENT:
      let start = event.data.mapping_start
      let kind = Event.Kind.mappingStart(isFlow: start.style == YAML_FLOW_MAPPING_STYLE)
      return Event(kind: kind, mark: mark, end: end, anchor: text(start.anchor), tag: text(start.tag))
    case YAML_MAPPING_END_EVENT: return Event(kind: .mappingEnd, mark: mark, end: end)
    default: return Event(kind: .streamEnd, mark: mark, end: end)
    }
  }

  private static func style(_ style: yaml_scalar_style_t) -> Event.Scalar.Style {
    switch style {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
    case YAML_LITERAL_SCALAR_STYLE: .literal
    case YAML_FOLDED_SCALAR_STYLE: .folded
    default: .plain
    }
  }

  private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    pointer.map { String(cString: $0) }
  }

  private func failure() -> YAMLError {
    let state = parser.pointee
    guard let problem = state.problem.map({ String(cString: $0) }) else {
      return YAMLError(message: "out of memory", line: 0, column: 0)
    }
    // For an invalid byte libyaml reports no mark, only its offset.
    let mark = state.error == YAML_READER_ERROR ? mark(atOffset: state.problem_offset) : Mark(state.problem_mark)
    let context = state.context.map { " " + String(cString: $0) } ?? ""
    return mark.error(problem + context)
  }

  private func mark(atOffset offset: Int) -> Mark {
    let before = String(decoding: input.prefix(offset), as: UTF8.self)
    let lines = before.split(separator: "\n", omittingEmptySubsequences: false)
    return Mark(line: lines.count, column: (lines.last?.unicodeScalars.count ?? 0) + 1)
  }
}

extension Mark {
  fileprivate init(_ mark: yaml_mark_t) {
    self.init(line: mark.line + 1, column: mark.column + 1, offset: mark.index)
  }
}
