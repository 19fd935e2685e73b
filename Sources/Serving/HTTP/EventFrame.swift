import CChecksum
import JSONKit
import NIOCore

/// A message of AWS's event stream encoding: lengths, headers and payload, with a CRC-32 of the prelude and one of it all.
///
/// Source: "Event stream encoding" of AWS's Smithy 2.0 specification (application/vnd.amazon.eventstream).
struct EventFrame {
  private static let textType: UInt8 = 7
  static let contentType: StaticString = "application/vnd.amazon.eventstream"

  let headers: [(name: String, value: String)]
  let payload: ByteBuffer

  /// A piece of a worker's answer.
  static func part(_ bytes: ByteBuffer) -> EventFrame {
    EventFrame(
      headers: [
        (":event-type", "PayloadPart"), (":content-type", "application/octet-stream"), (":message-type", "event"),
      ], payload: bytes)
  }

  /// Why the answer ends before its end. `code` is `StreamBroken` or `ModelInvocationTimeExceeded`.
  static func broken(_ message: String, code: String) -> EventFrame {
    EventFrame(
      headers: [
        (":exception-type", "ModelStreamError"), (":content-type", "application/json"), (":message-type", "exception"),
      ], payload: ByteBuffer(bytes: (["Message": .string(message), "ErrorCode": .string(code)] as JSON).bytes))
  }

  var encoded: ByteBuffer {
    let headerLength = headers.reduce(0) { $0 + 4 + $1.name.utf8.count + $1.value.utf8.count }
    let length = 12 + headerLength + payload.readableBytes + 4
    var buffer = ByteBufferAllocator().buffer(capacity: length)
    buffer.writeInteger(UInt32(length))
    buffer.writeInteger(UInt32(headerLength))
    buffer.writeInteger(Self.sum(of: buffer))
    for (name, value) in headers {
      buffer.writeInteger(UInt8(name.utf8.count))
      buffer.writeString(name)
      buffer.writeInteger(Self.textType)
      buffer.writeInteger(UInt16(value.utf8.count))
      buffer.writeString(value)
    }
    buffer.writeImmutableBuffer(payload)
    buffer.writeInteger(Self.sum(of: buffer))
    return buffer
  }

  private static func sum(of buffer: ByteBuffer) -> UInt32 {
    buffer.withUnsafeReadableBytes { UInt32(truncatingIfNeeded: htr_crc_add(htr_crc32, 0, $0.baseAddress, $0.count)) }
  }
}
