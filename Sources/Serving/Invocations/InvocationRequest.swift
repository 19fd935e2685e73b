import NIOCore

/// A request for an endpoint, complete and let in.
struct InvocationRequest {
  let endpoint: String
  /// Whether the answer goes on piece by piece, in frames.
  var isStreamed = false
  /// In the place of the variant's own time-out.
  var timeoutSeconds: Double?
  let target: String?
  /// What of it the workers see beside the body.
  let head: ClientHead
  let body: HeldBody
  let id: RequestID
  let arrived: NIODeadline

  /// The request to one stage's worker. Credentials stay here; what the client accepts is for the last stage.
  func forwarded(body: HeldBody, contentType: ByteBufferView?, isFirst: Bool, isLast: Bool) -> HeldRequest {
    let isSmall = body.count <= Self.smallBody
    var buffer = ByteBufferAllocator().buffer(capacity: 256 + head.bytes.readableBytes + (isSmall ? body.count : 0))
    buffer.writeStaticString("POST /invocations HTTP/1.1\r\nhost: localhost\r\n")
    if let contentType { buffer.writeField("content-type: ", contentType) }
    let bytes = head.bytes.readableBytesView
    for field in head.fields {
      switch field.meaning {
      case .contentType where isFirst: break
      case .accept where isLast && !isStreamed: break
      case .streamedAccept where isLast && isStreamed:
        buffer.writeField("accept: ", bytes[in: field.value])
        continue
      case .sageMaker, .streamedAccept, .targetVariant, .customAttributes: break
      default: continue
      }
      // Name and value stand as they came.
      buffer.writeBytes(bytes[in: field.name])
      buffer.writeStaticString(": ")
      buffer.writeBytes(bytes[in: field.value])
      buffer.writeStaticString("\r\n")
    }
    buffer.writeStaticString("x-amzn-RequestId: ")
    id.write(to: &buffer)
    buffer.writeStaticString("\r\ncontent-length: ")
    buffer.writeDecimal(body.count)
    buffer.writeStaticString("\r\n\r\n")
    guard isSmall else { return HeldRequest(head: buffer, body: body.pieces) }
    for piece in body.pieces { buffer.writeImmutableBuffer(piece) }
    return HeldRequest(head: buffer)
  }

  /// Up to here copying is cheaper than one more piece to write.
  static let smallBody = 16 << 10
}

extension ByteBufferView {
  /// - Parameter range: counted from the first byte.
  fileprivate subscript(in range: Range<Int>) -> ByteBufferView {
    self[startIndex + range.lowerBound..<startIndex + range.upperBound]
  }
}
