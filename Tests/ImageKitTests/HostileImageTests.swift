import HostKit
import ImageKit
import Testing

@Suite struct HostileImageTests {
  @Test func `a PNG that claims to be huge is refused by its header`() {
    let bomb = HandmadePNG(width: 60_000, height: 60_000, colourType: 0, samples: [0]).bytes
    #expect(throws: ImageFault.tooLarge(measure: .side, found: 60_000, limit: 32_768)) {
      try ImageDecoder.grey(bomb)
    }
  }

  @Test func `too many pixels are refused by the header, with the limit in the message`() {
    let bomb = HandmadePNG(width: 30_000, height: 30_000, colourType: 0, samples: [0]).bytes
    #expect {
      try ImageDecoder.header(of: bomb)
    } throws: {
      "\($0)".contains("900000000") && "\($0)".contains("100000000")
    }
  }

  @Test func `a JPEG that claims to be huge is refused by its header`() throws {
    var bytes = try ImageEncoder.jpeg(Drawings.slope(16, 16))
    let frame = try #require(bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
    bytes.replaceSubrange((frame + 5)..<(frame + 9), with: [0xFF, 0x00, 0xFF, 0x00])
    #expect(throws: ImageFault.tooLarge(measure: .side, found: 65_280, limit: 32_768)) {
      try ImageDecoder.grey(bytes)
    }
  }

  @Test func `a file with too many bytes is refused`() throws {
    var limits = ImageLimits.standard
    limits.maximumBytes = 20
    #expect {
      try ImageDecoder.grey(ImageEncoder.png(Drawings.slope(9, 9)), limits: limits)
    } throws: {
      "\($0)".contains("the limit is 20")
    }
  }

  @Test(arguments: [[], [0x47, 0x49, 0x46, 0x38], Array("%PDF-1.7".utf8)] as [[UInt8]])
  func `other formats are refused by their first bytes`(bytes: [UInt8]) {
    #expect(throws: ImageFault.unknownFormat(firstBytes: bytes)) { try ImageDecoder.grey(bytes) }
  }

  @Test func `no truncated JPEG is taken for a whole one`() throws {
    let whole = try ImageEncoder.jpeg(Drawings.slope(64, 64))
    for count in stride(from: 3, to: whole.count, by: 5) {
      #expect(throws: ImageFault.self) { try ImageDecoder.grey(Array(whole.prefix(count))) }
    }
  }

  @Test func `a JPEG cut in the middle and closed again is damaged`() throws {
    let noisy = Drawings.noise(64, 64, seed: 1)
    let whole = try ImageEncoder.jpeg(GreyImage(width: 64, height: 64, pixels: noisy.pixels))
    let closed = whole.prefix(whole.count / 2) + [0xFF, 0xD9]
    #expect {
      try ImageDecoder.grey(Array(closed))
    } throws: {
      if case .damaged(.jpeg, _)? = $0 as? ImageFault { true } else { false }
    }
  }

  @Test func `padding before the end mark does no harm`() throws {
    let whole = try ImageEncoder.jpeg(Drawings.slope(32, 32))
    let padded = whole.dropLast(2) + [0, 0, 0, 0] + whole.suffix(2)
    #expect(try ImageDecoder.grey(Array(padded)) == ImageDecoder.grey(whole))
  }

  @Test func `no truncated PNG is taken for a whole one`() throws {
    let whole = try ImageEncoder.png(Drawings.slope(64, 64))
    // The last chunk holds nothing: without it, all pixels are there.
    for count in stride(from: 1, to: whole.count - 12, by: 3) {
      #expect(throws: ImageFault.self) { try ImageDecoder.grey(Array(whole.prefix(count))) }
    }
  }

  @Test(arguments: 0..<4)
  func `no change of a few bytes brings the decoder down`(variant: Int) throws {
    let picture = Drawings.slope(24, 20)
    let jpeg = HandmadeExif.add(6, isLittle: variant.isMultiple(of: 2), to: try ImageEncoder.jpeg(picture))
    var png = HandmadePNG(width: 24, height: 20, colourType: 0, samples: picture.pixels)
    png.extra = [("eXIf", HandmadeExif.tiff(6, isLittle: true))]
    let whole = variant < 2 ? jpeg : png.bytes
    var limits = ImageLimits.standard
    limits.maximumPixels = 1_000_000
    var random = SeededRandom(seed: 77, stream: UInt64(variant))
    for _ in 0..<1000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        // Mostly where the headers are.
        let end = random.chance(0.7) ? min(200, bytes.count) : bytes.count
        bytes[Int.random(in: 0..<end, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      if random.chance(0.2) { bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random)) }
      // Most are refused and a few still sound; what is asked here is only that each call returns.
      let image = try? ImageDecoder.grey(bytes, limits: limits).image
      #expect(image.map { $0.pixels.count == $0.width * $0.height } ?? true)
    }
  }
}
