internal import CTurboJPEG

/// Grey images made files.
public enum ImageEncoder {
  /// - Parameter quality: 1...100; nearest is taken.
  /// - Throws: `notEncoded`, e.g. when a side is above JPEG's 65,535 pixels.
  public static func jpeg(_ image: GreyImage, quality: Int = 90) throws(ImageFault) -> [UInt8] {
    guard max(image.width, image.height) <= 65_535 else {
      throw .notEncoded(
        format: .jpeg, reason: "its longer side is \(max(image.width, image.height)) pixels, the limit is 65535")
    }
    guard let handle = tjInitCompress() else {
      throw .notEncoded(format: .jpeg, reason: "no memory for an encoder")
    }
    defer { tjDestroy(handle) }
    var memory: UnsafeMutablePointer<UInt8>?
    defer { tjFree(memory) }
    var count: UInt = 0
    let status = tjCompress2(
      handle, image.pixels, Int32(image.width), Int32(image.width), Int32(image.height),
      Int32(TJPF_GRAY.rawValue), &memory, &count, Int32(TJSAMP_GRAY.rawValue), Int32(min(max(quality, 1), 100)), 0)
    guard status == 0, let memory else {
      throw .notEncoded(format: .jpeg, reason: String(cString: tjGetErrorStr2(handle)))
    }
    return Array(UnsafeBufferPointer(start: memory, count: Int(count)))
  }

  /// Without loss.
  /// - Throws: `notEncoded` with libpng's reason.
  public static func png(_ image: GreyImage) throws(ImageFault) -> [UInt8] { try PNGCodec.encode(image) }

  /// Without loss.
  /// - Throws: `notEncoded` with libpng's reason.
  public static func png(_ image: ColourImage) throws(ImageFault) -> [UInt8] { try PNGCodec.encode(image) }
}
