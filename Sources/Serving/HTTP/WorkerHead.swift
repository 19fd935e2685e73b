import NIOCore

/// The head of a worker's answer, read in place.
struct WorkerHead {
  let bytes: ByteBuffer
  let status: Int
  let framing: BodyFraming
  let keepsAlive: Bool
  let contentType: Range<Int>?
  let customAttributes: Range<Int>?

  init(_ bytes: ByteBuffer, lineEnds: [Int]) throws(HeadFault) {
    self.bytes = bytes
    let parts = try bytes.withReadable { raw throws(HeadFault) in try Parts(raw, lineEnds) }
    status = parts.status
    keepsAlive = parts.keepsAlive
    contentType = parts.contentType
    customAttributes = parts.customAttributes
    framing =
      switch parts.status {
      case ..<200, 204, 304: .none
      default: parts.framingFields.framing ?? .untilClose
      }
  }

  func slice(_ range: Range<Int>) -> ByteBufferView { bytes.readableBytesView[range.shifted(by: bytes.readerIndex)] }
}

extension Range<Int> {
  fileprivate func shifted(by offset: Int) -> Self { (lowerBound + offset)..<(upperBound + offset) }
}

private struct Parts {
  var status = 0
  var keepsAlive = true
  var contentType: Range<Int>?
  var customAttributes: Range<Int>?
  var framingFields = FramingFields()

  init(_ bytes: UnsafeRawBufferPointer, _ lineEnds: [Int]) throws(HeadFault) {
    guard let first = lineEnds.first, first >= 12,
      UnsafeRawBufferPointer(rebasing: bytes[..<7]).elementsEqual("HTTP/1.".utf8),
      bytes[8] == 0x20, first == 12 || bytes[12] == 0x20,
      let number = UnsafeRawBufferPointer(rebasing: bytes[9..<12]).decimal, number >= 100
    else { throw HeadFault("The first line is no status line of HTTP/1.1.") }
    status = number
    keepsAlive = bytes[7] == UInt8(ascii: "1")
    var start = first + 2
    for end in lineEnds.dropFirst() {
      try read(HeadField(line: start..<end, of: bytes), of: bytes)
      start = end + 2
    }
  }

  private mutating func read(_ field: HeadField, of bytes: UnsafeRawBufferPointer) throws(HeadFault) {
    switch field.meaning {
    case .contentLength, .transferEncoding: try framingFields.read(field, of: bytes)
    case .connection: if UnsafeRawBufferPointer(rebasing: bytes[field.value]).lists("close") { keepsAlive = false }
    case .contentType: contentType = field.value
    case .customAttributes: customAttributes = field.value
    default: break
    }
  }
}
