import NIOCore

/// Takes a body out of the bytes of a connection, piece by piece and without copying.
struct BodyReader {
  private enum State {
    case done, untilClose
    case counted(Int)
    case size(Int, digits: Int)
    case chunkExtension(Int, length: Int)
    case sizeFeed(Int)
    case chunk(Int)
    case chunkReturn, chunkFeed
    case trailerStart, trailer
    case trailerFeed, lastFeed
  }

  private static let longestExtension = 256
  private static let longestTrailers = 8 << 10

  private var state: State
  private var trailerLength = 0

  init(_ framing: BodyFraming) {
    state =
      switch framing {
      case .none: .done
      case .length(let count): .counted(count)
      case .chunked: .size(0, digits: 0)
      case .untilClose: .untilClose
      }
  }

  var isComplete: Bool { if case .done = state { true } else { false } }
  /// The end of the connection is this body's end.
  var endsWithConnection: Bool { if case .untilClose = state { true } else { false } }

  /// The next piece of the body's content; nil when more bytes are needed or the body is complete. What belongs to the
  /// framing is consumed on the way; what follows the body stays.
  mutating func next(from buffer: inout ByteBuffer) throws(HeadFault) -> ByteBuffer? {
    while buffer.readableBytes > 0 {
      switch state {
      case .done: return nil
      case .untilClose: return buffer.readSlice(length: buffer.readableBytes)
      case .counted(let left):
        let count = min(left, buffer.readableBytes)
        state = count == left ? .done : .counted(left - count)
        return buffer.readSlice(length: count)
      case .chunk(let left):
        let count = min(left, buffer.readableBytes)
        state = count == left ? .chunkReturn : .chunk(left - count)
        return buffer.readSlice(length: count)
      default: try advance(over: buffer.readInteger() ?? 0)
      }
    }
    return nil
  }

  private mutating func advance(over byte: UInt8) throws(HeadFault) {
    switch (state, byte) {
    case (.size(let size, let digits), _): try readSize(size, digits, byte)
    case (.chunkExtension(let size, _), 0x0D): state = .sizeFeed(size)
    case (.chunkExtension(let size, let length), _):
      guard !Octet.isControl(byte), length < Self.longestExtension else { throw Self.malformed }
      state = .chunkExtension(size, length: length + 1)
    case (.sizeFeed(0), 0x0A): state = .trailerStart
    case (.sizeFeed(let size), 0x0A): state = .chunk(size)
    case (.chunkReturn, 0x0D): state = .chunkFeed
    case (.chunkFeed, 0x0A): state = .size(0, digits: 0)
    case (.trailerStart, 0x0D): state = .lastFeed
    case (.lastFeed, 0x0A): state = .done
    case (.trailer, 0x0D): state = .trailerFeed
    case (.trailerFeed, 0x0A): state = .trailerStart
    case (.trailerStart, _), (.trailer, _):
      trailerLength += 1
      guard !Octet.isControl(byte), trailerLength < Self.longestTrailers else { throw Self.malformed }
      state = .trailer
    default: throw Self.malformed
    }
  }

  private mutating func readSize(_ size: Int, _ digits: Int, _ byte: UInt8) throws(HeadFault) {
    if let digit = Octet.hexadecimal(byte), digits < 15 {
      state = .size(size << 4 | digit, digits: digits + 1)
    } else if byte == 0x0D, digits > 0 {
      state = .sizeFeed(size)
    } else if byte == UInt8(ascii: ";"), digits > 0 {
      state = .chunkExtension(size, length: 0)
    } else {
      throw Self.malformed
    }
  }

  private static var malformed: HeadFault { HeadFault("The body is no proper chunked coding.") }
}
