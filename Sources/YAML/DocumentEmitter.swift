import CLibYAML
import JSON

/// Owns a `yaml_emitter_t` and its output; used for one document.
final class DocumentEmitter {
  private final class Output {
    var bytes: [UInt8] = []
  }

  private let emitter: UnsafeMutablePointer<yaml_emitter_t>
  private let output = Output()

  init() throws {
    emitter = .allocate(capacity: 1)
    guard yaml_emitter_initialize(emitter) == 1 else {
      emitter.deallocate()
      throw YAMLError(message: "out of memory", line: 0, column: 0)
    }
    yaml_emitter_set_unicode(emitter, 1)
    yaml_emitter_set_width(emitter, -1)
    // The emitter does not outlive this object, which keeps the output alive.
    yaml_emitter_set_output(
      emitter,
      { context, bytes, count in
        guard let context, let bytes else { return 0 }
        let output = Unmanaged<Output>.fromOpaque(context).takeUnretainedValue()
        output.bytes.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
        return 1
      },
      Unmanaged.passUnretained(output).toOpaque()
    )
  }

  deinit {
    yaml_emitter_delete(emitter)
    emitter.deallocate()
  }

  func emit(_ value: JSONValue) throws -> String {
    try send { yaml_stream_start_event_initialize(&$0, YAML_UTF8_ENCODING) }
    try send { yaml_document_start_event_initialize(&$0, nil, nil, nil, 1) }
    try write(value)
    try send { yaml_document_end_event_initialize(&$0, 1) }
    try send { yaml_stream_end_event_initialize(&$0) }
    return String(decoding: output.bytes, as: UTF8.self)
  }

  private func write(_ value: JSONValue) throws {
    switch value {
    case .null: try writeScalar("null", style: YAML_PLAIN_SCALAR_STYLE)
    case .bool(let flag): try writeScalar(flag ? "true" : "false", style: YAML_PLAIN_SCALAR_STYLE)
    case .integer(let number): try writeScalar(String(number), style: YAML_PLAIN_SCALAR_STYLE)
    case .double(let number):
      guard number.isFinite else { throw YAMLError(message: "\(number) has no JSON value", line: 0, column: 0) }
      try writeScalar(String(number), style: YAML_PLAIN_SCALAR_STYLE)
    case .string(let text): try writeString(text)
    case .array(let elements):
      try send { yaml_sequence_start_event_initialize(&$0, nil, nil, 1, YAML_BLOCK_SEQUENCE_STYLE) }
      for element in elements { try write(element) }
      try send { yaml_sequence_end_event_initialize(&$0) }
    case .object(let members):
      try send { yaml_mapping_start_event_initialize(&$0, nil, nil, 1, YAML_BLOCK_MAPPING_STYLE) }
      for (key, member) in members.sorted(by: { $0.key < $1.key }) {
        try writeString(key)
        try write(member)
      }
      try send { yaml_mapping_end_event_initialize(&$0) }
    }
  }

  private func writeString(_ text: String) throws {
    // libyaml uses double quotes if the requested style cannot represent the text.
    if text.utf8.contains(UInt8(ascii: "\n")) { return try writeScalar(text, style: YAML_LITERAL_SCALAR_STYLE) }
    let quoted = PlainScalar.needsQuotes(text)
    try writeScalar(text, style: quoted ? YAML_DOUBLE_QUOTED_SCALAR_STYLE : YAML_PLAIN_SCALAR_STYLE)
  }

  private func writeScalar(_ text: String, style: yaml_scalar_style_t) throws {
    var text = text
    try text.withUTF8 { bytes in
      try send { event in
        // An empty Swift string may have no address, which libyaml does not accept.
        var empty: yaml_char_t = 0
        return withUnsafePointer(to: &empty) { none in
          let start = bytes.baseAddress ?? none
          return yaml_scalar_event_initialize(&event, nil, nil, start, Int32(clamping: bytes.count), 1, 1, style)
        }
      }
    }
  }

  private func send(_ initialize: (inout yaml_event_t) -> Int32) throws {
    var event = yaml_event_t()
    // The emitter frees the event, even on failure.
    guard initialize(&event) == 1, yaml_emitter_emit(emitter, &event) == 1 else {
      let problem = emitter.pointee.problem.map { String(cString: $0) } ?? "no memory"
      throw YAMLError(message: "cannot write YAML: \(problem)", line: 0, column: 0)
    }
  }
}
