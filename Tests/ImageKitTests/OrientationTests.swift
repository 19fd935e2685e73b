import ImageKit
import Testing

@Suite struct OrientationTests {
  /// The upright picture: a letter F in 16 pixel blocks, so that a JPEG keeps it and no two orientations look alike.
  static let upright = Drawings.image(48, 80) { x, y in
    ["###", "#..", "##.", "#..", "#.."].map(Array.init)[y / 16][x / 16] == "#" ? 20 : 230
  }

  /// How a camera held this way stores it: the inverse of what the standard tells a viewer to do.
  static func stored(_ orientation: Int) -> GreyImage {
    let (width, height) = (upright.width, upright.height)
    func at(_ x: Int, _ y: Int) -> Int { Int(upright[x, y]) }
    return switch orientation {
    case 2: Drawings.image(width, height) { at(width - 1 - $0, $1) }
    case 3: Drawings.image(width, height) { at(width - 1 - $0, height - 1 - $1) }
    case 4: Drawings.image(width, height) { at($0, height - 1 - $1) }
    case 5: Drawings.image(height, width) { at($1, $0) }
    // 6: the stored row 0 is the right side of the picture, column 0 its top.
    case 6: Drawings.image(height, width) { at(width - 1 - $1, $0) }
    case 7: Drawings.image(height, width) { at(width - 1 - $1, height - 1 - $0) }
    // 8: the stored row 0 is the left side of the picture, column 0 its bottom.
    case 8: Drawings.image(height, width) { at($1, height - 1 - $0) }
    default: upright
    }
  }

  @Test(arguments: 1...8, [true, false])
  func `a JPEG stored any way round comes out upright`(orientation: Int, isLittle: Bool) throws {
    let plain = try ImageEncoder.jpeg(Self.stored(orientation), quality: 95)
    let bytes = HandmadeExif.add(UInt8(orientation), isLittle: isLittle, to: plain)
    let decoded = try ImageDecoder.grey(bytes)
    #expect(Drawings.difference(decoded.image, Self.upright) < 12)
    #expect(decoded.header.orientation == orientation)
    #expect((decoded.header.width, decoded.header.height) == (48, 80))
  }

  @Test(arguments: 1...8)
  func `a PNG stored any way round comes out upright`(orientation: Int) throws {
    let stored = Self.stored(orientation)
    var png = HandmadePNG(width: stored.width, height: stored.height, colourType: 0, samples: stored.pixels)
    png.extra = [("eXIf", HandmadeExif.tiff(UInt8(orientation), isLittle: false))]
    #expect(try ImageDecoder.grey(png.bytes).image == Self.upright)
  }

  @Test(arguments: [0, 9, 255] as [UInt8])
  func `an orientation that does not exist counts as upright`(orientation: UInt8) throws {
    let bytes = HandmadeExif.add(orientation, isLittle: true, to: try ImageEncoder.jpeg(Self.upright))
    #expect(try ImageDecoder.header(of: bytes).orientation == 1)
  }

  @Test func `a sideways JPEG is shrunk by its upright sides`() throws {
    let bytes = HandmadeExif.add(6, isLittle: true, to: try ImageEncoder.jpeg(Self.stored(6)))
    let decoded = try ImageDecoder.grey(bytes, shrinkTo: 40)
    #expect((decoded.image.width, decoded.image.height) == (24, 40))
    #expect(decoded.shrinkFactor == 2)
  }
}
