import NIOCore

extension ByteBuffer {
  /// Appends a number in decimal digits.
  mutating func writeDecimal(_ number: Int) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
      var (rest, start) = (number, 20)
      repeat {
        start -= 1
        digits[start] = UInt8(ascii: "0") + UInt8(rest % 10)
        rest /= 10
      } while rest > 0
      writeBytes(
        UnsafeRawBufferPointer(UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(digits)[start...]))
      )
    }
  }

  /// Appends a number in hexadecimal digits, as the length of a chunk.
  mutating func writeHexadecimal(_ number: Int) { writeString(String(number, radix: 16)) }

  /// Appends a field of a head that stands in other bytes.
  mutating func writeField(_ name: StaticString, _ value: some Collection<UInt8>) {
    writeStaticString(name)
    writeBytes(value)
    writeStaticString("\r\n")
  }
}
