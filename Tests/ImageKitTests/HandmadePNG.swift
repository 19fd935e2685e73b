/// A PNG written byte by byte, uncompressed: for colour types and lies that an encoder would not write.
struct HandmadePNG {
  var width: Int
  var height: Int
  var depth: UInt8 = 8
  /// PNG's number: 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha.
  var colourType: UInt8
  /// All rows, without filter bytes.
  var samples: [UInt8]
  /// Chunks between the header and the pixels.
  var extra: [(name: String, body: [UInt8])] = []

  var bytes: [UInt8] {
    var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    bytes += chunk("IHDR", big(width) + big(height) + [depth, colourType, 0, 0, 0])
    for (name, body) in extra { bytes += chunk(name, body) }
    bytes += chunk("IDAT", stored)
    return bytes + chunk("IEND", [])
  }

  private var stored: [UInt8] {
    let stride = samples.count / max(1, min(height, samples.count))
    var rows: [UInt8] = []
    for start in Swift.stride(from: 0, to: samples.count, by: max(1, stride)) {
      rows += [0] + samples[start..<min(samples.count, start + stride)]
    }
    let count = rows.count
    precondition(count < 65_536)
    let block = [0x78, 0x01, 1, UInt8(count & 255), UInt8(count >> 8), ~UInt8(count & 255), ~UInt8(count >> 8)]
    var (low, high) = (1, 0)
    for byte in rows {
      low = (low + Int(byte)) % 65_521
      high = (high + low) % 65_521
    }
    return block + rows + big(high << 16 | low)
  }

  private func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
    let checked = Array(name.utf8) + body
    var register: UInt32 = .max
    for byte in checked {
      register ^= UInt32(byte)
      for _ in 0..<8 { register = register & 1 == 1 ? register >> 1 ^ 0xEDB8_8320 : register >> 1 }
    }
    return big(body.count) + checked + big(Int(~register))
  }

  private func big(_ number: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(number >> $0 & 255) } }
}

/// EXIF with nothing but an orientation.
enum HandmadeExif {
  static func tiff(_ orientation: UInt8, isLittle: Bool) -> [UInt8] {
    isLittle
      ? [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0]
      : [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]
  }

  /// Puts an APP1 segment behind the start mark of a JPEG.
  static func add(_ orientation: UInt8, isLittle: Bool, to jpeg: [UInt8]) -> [UInt8] {
    let body = Array("Exif".utf8) + [0, 0] + tiff(orientation, isLittle: isLittle)
    return [0xFF, 0xD8, 0xFF, 0xE1, 0, UInt8(body.count + 2)] + body + jpeg.dropFirst(2)
  }
}
