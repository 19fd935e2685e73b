import ImageKit
import Testing

@Suite struct CodecTests {
  @Test(arguments: [(1, 1), (37, 5), (5, 37), (64, 64)])
  func `a PNG comes back as it was`(width: Int, height: Int) throws {
    let image = Drawings.slope(width, height)
    let decoded = try ImageDecoder.grey(ImageEncoder.png(image))
    #expect(decoded.image == image)
    #expect(decoded.shrinkFactor == 1)
    #expect(decoded.header.format == .png)
  }

  @Test(arguments: [(1, 1), (37, 5), (5, 37), (64, 64)])
  func `a JPEG comes back nearly as it was`(width: Int, height: Int) throws {
    let image = Drawings.slope(width, height)
    let decoded = try ImageDecoder.grey(ImageEncoder.jpeg(image, quality: 95))
    #expect(Drawings.difference(decoded.image, image) <= 8)
    #expect(decoded.header.format == .jpeg)
  }

  @Test func `the header tells the sides without the pixels`() throws {
    let header = try ImageDecoder.header(of: ImageEncoder.jpeg(Drawings.slope(37, 5)))
    #expect((header.width, header.height, header.orientation) == (37, 5, 1))
  }

  @Test(arguments: [400, 200, 130, 100, 31, 7, 1])
  func `an image is shrunk to the side asked for`(side: Int) throws {
    let image = Drawings.slope(200, 100)
    for bytes in [try ImageEncoder.jpeg(image), try ImageEncoder.png(image)] {
      let decoded = try ImageDecoder.grey(bytes, shrinkTo: side)
      let wanted = image.shrunk(longerSide: side)
      #expect(max(decoded.image.width, decoded.image.height) == min(side, 200))
      #expect(abs(decoded.image.height - wanted.height) <= 1)
      #expect(decoded.shrinkFactor == 200 / Double(min(side, 200)))
      #expect((decoded.header.width, decoded.header.height) == (200, 100))
    }
  }

  @Test func `a shrunk JPEG shows the same picture`() throws {
    let image = Drawings.slope(400, 240)
    let decoded = try ImageDecoder.grey(ImageEncoder.jpeg(image), shrinkTo: 70).image
    #expect(Drawings.difference(decoded, image.shrunk(longerSide: 70)) <= 8)
  }

  @Test(arguments: [
    HandmadePNG(width: 2, height: 1, colourType: 0, samples: [100, 255]),
    HandmadePNG(width: 2, height: 1, depth: 16, colourType: 0, samples: [100, 100, 255, 255]),
    HandmadePNG(width: 2, height: 1, colourType: 2, samples: [100, 100, 100, 255, 255, 255]),
    HandmadePNG(width: 2, height: 1, colourType: 4, samples: [100, 255, 0, 0]),
    HandmadePNG(width: 2, height: 1, colourType: 6, samples: [100, 100, 100, 255, 9, 9, 9, 0]),
    HandmadePNG(
      width: 2, height: 1, colourType: 3, samples: [1, 0], extra: [("PLTE", [255, 255, 255, 100, 100, 100])]),
  ])
  func `each colour type of PNG becomes grey on white`(png: HandmadePNG) throws {
    let pixels = try ImageDecoder.grey(png.bytes).image.pixels
    #expect(abs(Int(pixels[0]) - 100) <= 1)
    #expect(pixels[1] == 255)
  }

  @Test func `a one bit scan is read`() throws {
    let png = HandmadePNG(width: 8, height: 2, depth: 1, colourType: 0, samples: [0b1010_0000, 0xFF])
    #expect(try ImageDecoder.grey(png.bytes).image.pixels.prefix(4) == [255, 0, 255, 0])
  }

  @Test func `an image too wide for JPEG is refused with the limit`() {
    #expect {
      try ImageEncoder.jpeg(GreyImage(width: 65_536, height: 1))
    } throws: {
      "\($0)".contains("65535")
    }
  }

  @Test func `averaging keeps the mean and mixes fine stripes evenly`() {
    let stripes = Drawings.image(99, 60) { x, _ in x % 3 == 0 ? 0 : 240 }
    let shrunk = stripes.shrunk(toWidth: 33, height: 17)
    #expect(shrunk.pixels.allSatisfy { abs(Int($0) - 160) <= 1 })
  }
}
