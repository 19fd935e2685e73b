/// Reads little-endian numbers one after the other; nil past the end, never beyond it.
struct ByteScanner {
  let bytes: [UInt8]
  private(set) var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var remaining: Int { bytes.count - position }

  mutating func number<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
    numbers(type, count: 1)?.first
  }

  mutating func numbers<Number: FixedWidthInteger>(_ type: Number.Type, count: Int) -> [Number]? {
    let width = MemoryLayout<Number>.size
    guard count >= 0, count <= remaining / width else { return nil }
    let start = position
    position += count * width
    return bytes.withUnsafeBytes { raw in
      [Number](unsafeUninitializedCapacity: count) { output, initialized in
        for index in 0..<count {
          let value = raw.loadUnaligned(fromByteOffset: start + index * width, as: Number.self)
          output.initializeElement(at: index, to: Number(littleEndian: value))
        }
        initialized = count
      }
    }
  }

  mutating func floats(count: Int) -> [Float]? { numbers(UInt32.self, count: count)?.map { Float(bitPattern: $0) } }
}

extension [UInt8] {
  mutating func append<Number: FixedWidthInteger>(littleEndian number: Number) {
    Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
  }

  /// FNV-1a: tells a damaged file from a whole one, no protection against intent.
  func checksum(count: Int) -> UInt64 {
    withUnsafeBufferPointer { bytes in
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      for index in 0..<count { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3 }
      return hash
    }
  }
}
