/// Reads the nodes of a text that the composer accepts.
struct NodeReader {
  private let parser: EventParser
  private let text: [Unicode.Scalar]

  init(_ text: String, scalars: [Unicode.Scalar]) throws {
    parser = try EventParser(text)
    self.text = scalars
  }

  /// The root of every document.
  func documents() throws -> [Node] {
    var roots: [Node] = []
    while true {
      switch try parser.next().kind {
      case .streamEnd: return roots
      case .documentStart: roots.append(try node(try parser.next()))
      default: continue
      }
    }
  }

  private func node(_ event: Event) throws -> Node {
    switch event.kind {
    case .scalar(let scalar):
      let isBlock = scalar.style == .literal || scalar.style == .folded
      return node(event, .scalar(scalar), end: event.end, keepsLineBreaks: isBlock && header(of: event).contains("+"))
    case .alias(let name): return node(event, .alias(name), end: event.end)
    case .sequenceStart(let isFlow):
      var elements: [Node] = []
      while true {
        let next = try parser.next()
        if case .sequenceEnd = next.kind {
          let last = elements.last
          return node(
            event,
            .sequence(elements, isFlow: isFlow),
            end: isFlow ? next.end : last?.end ?? event.end,
            contentStart: dash(of: event),
            keepsLineBreaks: !isFlow && last?.keepsLineBreaks ?? false
          )
        }
        elements.append(try node(next))
      }
    case .mappingStart(let isFlow):
      var entries: [Node.Entry] = []
      while true {
        let next = try parser.next()
        if case .mappingEnd = next.kind {
          let last = entries.last?.value
          return node(
            event,
            .mapping(entries, isFlow: isFlow),
            end: isFlow ? next.end : last?.end ?? event.end,
            contentStart: entries.first?.key.start ?? event.mark,
            keepsLineBreaks: !isFlow && last?.keepsLineBreaks ?? false
          )
        }
        entries.append(try entry(next))
      }
    default: throw event.mark.error("a value is missing")
    }
  }

  private func entry(_ event: Event) throws -> Node.Entry {
    let key = try node(event)
    let value = try node(try parser.next())
    guard !Composer.isMergeKey(event), case .scalar(let scalar) = event.kind else {
      return Node.Entry(key: key, value: value, name: nil)
    }
    guard scalar.isPlain, event.tag == nil, case .value(let resolved) = PlainScalar.resolve(scalar.text) else {
      return Node.Entry(key: key, value: value, name: scalar.text)
    }
    return Node.Entry(key: key, value: value, name: Composer.key(resolved) ?? scalar.text)
  }

  private func node(
    _ event: Event,
    _ kind: Node.Kind,
    end: Mark,
    contentStart: Mark? = nil,
    keepsLineBreaks: Bool = false
  ) -> Node {
    Node(
      kind: kind,
      start: event.mark,
      end: end,
      contentStart: contentStart ?? event.mark,
      anchor: event.anchor,
      isTagged: event.tag != nil,
      keepsLineBreaks: keepsLineBreaks
    )
  }

  /// Where the first dash of a sequence is: libyaml's event ends before it, or behind it where the sequence is not
  /// indented.
  private func dash(of event: Event) -> Mark {
    var mark = event.end
    guard mark.offset > 0, !(text.indices.contains(mark.offset) && text[mark.offset] == "-") else { return mark }
    mark.offset -= 1
    mark.column -= 1
    return mark
  }

  /// The first line of a block scalar (`|+2`).
  private func header(of event: Event) -> Substring.UnicodeScalarView {
    let line = text[event.mark.offset...].prefix { $0 != "\n" && $0 != "#" }
    return Substring(String(String.UnicodeScalarView(line))).unicodeScalars
  }
}
