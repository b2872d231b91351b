/// Finds what is wrong with a text that should be PEM, for people: what a text editor, a template or a YAML file does to
/// it.
struct PEMDiagnosis {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// - Parameter found: how many blocks Go finds in the text.
  /// - Returns: why some that a person sees in it are none for Go; nil where there are no others, and where it is no PEM
  ///   at all.
  func problem(found: Int) -> GoRefusal? {
    if bytes.allSatisfy(isSpace) { return GoRefusal("is empty") }
    if let problem = encodingProblem { return problem }
    let begins = bytes.count(of: "-----BEGIN ")
    guard begins > found else { return begins == 0 ? otherFormat : nil }
    return lineProblem ?? GoRefusal("has a PEM block that is cut off or damaged: store the file again as it was issued")
  }

  private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

  private var encodingProblem: GoRefusal? {
    if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) || bytes.starts(with: [0x2d, 0, 0x2d, 0]) {
      return GoRefusal("is saved as UTF-16: save it as UTF-8 without a byte order mark")
    }
    guard bytes.starts(with: [0xef, 0xbb, 0xbf]), bytes.dropFirst(3).starts(with: "-----BEGIN ".utf8) else {
      return nil
    }
    return GoRefusal(
      "begins with a byte order mark (BOM) before -----BEGIN, so that Go does not find the block: save it as UTF-8 without BOM"
    )
  }

  /// A text without any BEGIN.
  private var otherFormat: GoRefusal? {
    if bytes.starts(with: "LS0tLS1CRUdJTi".utf8) {
      return GoRefusal(
        "is base64 of a PEM file: it was encoded twice: put the PEM text under stringData, or encode it once"
      )
    }
    if bytes.starts(with: [0xfe, 0xed, 0xfe, 0xed]) { return GoRefusal("is a Java keystore, not PEM") }
    guard bytes.starts(with: [0x30, 0x82]) || bytes.starts(with: [0x30, 0x81]) || bytes.starts(with: [0x30, 0x80])
    else {
      return nil
    }
    let dataOfPKCS7: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01]
    if bytes.prefix(64).firstIndex(of: dataOfPKCS7) != nil {
      return GoRefusal("is a PKCS#12 store (.p12, .pfx), not PEM: convert it with openssl pkcs12 -nodes")
    }
    return GoRefusal("is binary (DER), not PEM: convert it with openssl x509 -inform DER or openssl pkey -inform DER")
  }

  private var lineProblem: GoRefusal? {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let isOneLine = lines.contains { $0.contains("-----BEGIN ") && $0.contains("-----END ") }
    if isOneLine, bytes.count(of: "\\n") > 0 {
      return GoRefusal("has the two characters \\n instead of line breaks: write it in YAML with a | and real lines")
    }
    if isOneLine, bytes.contains(UInt8(ascii: "\r")) {
      return GoRefusal("has lines that end in a carriage return alone: save it with line breaks of Unix (LF)")
    }
    if isOneLine { return GoRefusal("is on one line: the YAML needs a |") }
    guard bytes.count(of: "-----END ") > 0 else { return GoRefusal("is cut off: it has no -----END line") }
    for line in lines where line.contains("-----BEGIN ") && !line.starts(with: "-----BEGIN ".utf8) {
      return line.drop(while: isSpace).starts(with: "-----BEGIN ".utf8)
        ? GoRefusal("has spaces before -----BEGIN, so that Go does not find the block: remove them")
        : GoRefusal("has text before -----BEGIN on the same line, so that Go does not find the block: remove it")
    }
    for line in lines where line.contains("-----END ") && !line.starts(with: "-----END ".utf8) {
      return GoRefusal("has something before -----END on the same line, so that Go does not find the block: remove it")
    }
    return blockProblem(lines)
  }

  /// Goes through well separated lines and finds the first block that is none.
  private func blockProblem(_ lines: [[UInt8].SubSequence]) -> GoRefusal? {
    var label: [UInt8]?
    for (index, line) in lines.enumerated() {
      let text = trimmed(line)
      if text.starts(with: "-----BEGIN ".utf8) {
        guard label == nil else { return GoRefusal("has a block without an -----END line before line \(index + 1)") }
        guard text.suffix(5).elementsEqual("-----".utf8), text.count > 16 else {
          return GoRefusal("has text after the dashes of line \(index + 1)")
        }
        label = Array(text.dropFirst(11).dropLast(5))
      } else if text.starts(with: "-----END ".utf8), let begin = label {
        guard text.dropFirst(9).starts(with: begin + Array("-----".utf8)) else {
          let shown = String(decoding: begin, as: UTF8.self)
          return GoRefusal("has a block that begins with \(shown) and ends otherwise (line \(index + 1))")
        }
        guard text.count == 9 + begin.count + 5 else {
          return GoRefusal("has text after the dashes of line \(index + 1)")
        }
        label = nil
      } else if label != nil, !text.contains(UInt8(ascii: ":")), text.contains(where: { !isContent($0) }) {
        return GoRefusal("has characters in line \(index + 1) that are not base64")
      }
    }
    return nil
  }

  private func isContent(_ byte: UInt8) -> Bool {
    PEMBlock.digit(byte) != nil || byte == UInt8(ascii: "=") || byte == 0x20 || byte == 0x09 || byte == 0x0d
  }

  private func trimmed(_ line: [UInt8].SubSequence) -> [UInt8].SubSequence {
    line[..<(line.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? line.startIndex)]
  }
}

extension Collection<UInt8> where Index == Int {
  fileprivate func contains(_ text: String) -> Bool { ArraySlice(self).firstIndex(of: Array(text.utf8)) != nil }
}

extension [UInt8] {
  /// How often a text is in it.
  fileprivate func count(of text: String) -> Int {
    let pattern = Array(text.utf8)
    var count = 0
    var rest = self[...]
    while let index = rest.firstIndex(of: pattern) {
      count += 1
      rest = rest[(index + pattern.count)...]
    }
    return count
  }
}
