/// How the end of a body is told.
enum BodyFraming: Equatable {
  case none
  case length(Int)
  case chunked
  /// By the end of the connection: answers only.
  case untilClose
}

/// Gathers what the fields of a head say of its body, refusing all that two readers could understand in two ways.
struct FramingFields {
  private var length: Int?
  private var isChunked = false

  mutating func read(_ field: HeadField, of bytes: UnsafeRawBufferPointer) throws(HeadFault) {
    let value = UnsafeRawBufferPointer(rebasing: bytes[field.value])
    switch field.meaning {
    case .contentLength:
      guard length == nil, let number = value.decimal else {
        throw HeadFault("Content-Length must be there once, as a plain number.")
      }
      length = number
    case .transferEncoding:
      guard !isChunked, value.reads("chunked") else {
        throw HeadFault("The only Transfer-Encoding that is understood is 'chunked'.", status: 501)
      }
      isChunked = true
    default: break
    }
    guard length == nil || !isChunked else {
      throw HeadFault("Content-Length and Transfer-Encoding may not both be there.")
    }
  }

  /// nil: the fields say nothing.
  var framing: BodyFraming? {
    if isChunked { return .chunked }
    return length.map { $0 == 0 ? .none : .length($0) }
  }
}
