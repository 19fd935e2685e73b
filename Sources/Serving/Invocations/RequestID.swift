import HostKit
import NIOCore

/// Names a request for client, worker and logs: a random UUID.
struct RequestID {
  private let high: UInt64
  private let low: UInt64

  init(_ random: inout SeededRandom) {
    high = random.next() & ~0xF000 | 0x4000
    low = random.next() & ~(0xC000 << 48) | 0x8000 << 48
  }

  func write(to buffer: inout ByteBuffer) {
    buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 36) { bytes in
      var position = 0
      for index in 0..<32 {
        if index == 8 || index == 12 || index == 16 || index == 20 {
          bytes[position] = UInt8(ascii: "-")
          position += 1
        }
        let word = index < 16 ? high : low
        let digit = UInt8(truncatingIfNeeded: word >> UInt64(60 - index % 16 * 4)) & 15
        bytes[position] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        position += 1
      }
      return position
    }
  }
}
