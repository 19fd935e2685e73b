import CXML2
import Glibc

/// Walks through XML from outside without building a tree: no entities, no DTD, no network, bounded depth.
public struct MarkupReader: ~Copyable {
  public struct Element {
    /// Without prefix.
    public let name: String
    public let namespace: String
    public let attributes: [String: String]
  }

  public enum Event {
    case start(Element)
    case end(String)
    case text(String)
  }

  private let reader: xmlTextReaderPtr
  /// The reader reads from it.
  private let bytes: UnsafeMutableBufferPointer<CChar>
  /// An element without content has no end of its own: it is told after the start.
  private var pendingEnd: String?
  private static let maximumDepth = 64

  public init(_ source: [UInt8]) throws(MarkupError) {
    guard let length = Int32(exactly: source.count) else {
      throw MarkupError(.tooLarge, "the text is larger than 2 GiB")
    }
    let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: max(source.count, 1))
    for (index, byte) in source.enumerated() { copy[index] = CChar(bitPattern: byte) }
    let options = [XML_PARSE_NONET, XML_PARSE_NOERROR, XML_PARSE_NOWARNING, XML_PARSE_NOCDATA, XML_PARSE_BIG_LINES]
      .reduce(0 as UInt32) { $0 | UInt32($1.rawValue) }
    xmlResetLastError()
    guard let reader = xmlReaderForMemory(copy.baseAddress, length, nil, nil, Int32(options)) else {
      copy.deallocate()
      throw MarkupError(.malformed, "the XML reader has no memory for this text")
    }
    self.reader = reader
    bytes = copy
  }

  deinit {
    xmlFreeTextReader(reader)
    bytes.deallocate()
  }

  /// Where what was read last begins, counted from 1.
  public var line: Int {
    // The parser itself is some lines ahead.
    guard let node = xmlTextReaderCurrentNode(reader) else { return Int(xmlTextReaderGetParserLineNumber(reader)) }
    return xmlGetLineNo(node)
  }

  private func refusal(_ code: MarkupError.Code, _ message: String) -> MarkupError {
    MarkupError(code, message, line: line)
  }

  /// What comes next; nil at the end.
  public mutating func next() throws(MarkupError) -> Event? {
    if let name = pendingEnd {
      pendingEnd = nil
      return .end(name)
    }
    while true {
      let got = xmlTextReaderRead(reader)
      guard got != 0 else { return nil }
      guard got > 0 else { throw syntaxError() }
      guard xmlTextReaderDepth(reader) <= Self.maximumDepth else {
        throw refusal(.tooLarge, "elements are nested deeper than \(Self.maximumDepth)")
      }
      let kind = xmlReaderTypes(rawValue: xmlReaderTypes.RawValue(xmlTextReaderNodeType(reader)))
      switch kind {
      case XML_READER_TYPE_ELEMENT: return .start(element())
      case XML_READER_TYPE_END_ELEMENT: return .end(Self.text(xmlTextReaderConstLocalName(reader)))
      case XML_READER_TYPE_TEXT, XML_READER_TYPE_CDATA, XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
        return .text(Self.text(xmlTextReaderConstValue(reader)))
      case XML_READER_TYPE_DOCUMENT_TYPE, XML_READER_TYPE_ENTITY_REFERENCE:
        throw refusal(.unsupported, "document types and entities are not read; leave them out")
      default: continue
      }
    }
  }

  private mutating func element() -> Element {
    let name = Self.text(xmlTextReaderConstLocalName(reader))
    let namespace = Self.text(xmlTextReaderConstNamespaceUri(reader))
    if xmlTextReaderIsEmptyElement(reader) == 1 { pendingEnd = name }
    var attributes: [String: String] = [:]
    while xmlTextReaderMoveToNextAttribute(reader) == 1 {
      attributes[Self.text(xmlTextReaderConstLocalName(reader))] = Self.text(xmlTextReaderConstValue(reader))
    }
    // Back from the attributes: only elements know their line.
    xmlTextReaderMoveToElement(reader)
    return Element(name: name, namespace: namespace, attributes: attributes)
  }

  private func syntaxError() -> MarkupError {
    guard let error = xmlGetLastError(), let text = error.pointee.message else {
      return refusal(.malformed, "this is no well-formed XML")
    }
    let reason = String(cString: text).split(separator: "\n").first.map(String.init) ?? ""
    return MarkupError(.malformed, "this is no well-formed XML: \(reason)", line: Int(error.pointee.line))
  }

  private static func text(_ pointer: UnsafePointer<xmlChar>?) -> String {
    pointer.map { String(cString: $0) } ?? ""
  }
}
