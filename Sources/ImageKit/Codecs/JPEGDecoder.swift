internal import CTurboJPEG

/// One TurboJPEG decompressor.
struct JPEGDecoder: ~Copyable {
  private let handle: tjhandle

  init() throws(ImageFault) {
    guard let handle = tjInitDecompress() else {
      throw .unsupported(format: .jpeg, reason: "no memory for a decoder")
    }
    self.handle = handle
  }

  deinit { tjDestroy(handle) }

  func header(of bytes: [UInt8]) throws(ImageFault) -> ImageHeader {
    let stored = try storedHeader(of: bytes)
    return ImageHeader(
      format: .jpeg, storedWidth: Int(stored.width), storedHeight: Int(stored.height),
      orientation: JPEGSegments.orientation(of: bytes))
  }

  /// The brightness as stored (not yet upright), at the least of the sizes 1, 1/2, 1/4, 1/8 whose longer side is at
  /// least `longerSide`: the inverse cosine transform then makes fewer pixels in the first place.
  func grey(_ bytes: [UInt8], longerSide: Int) throws(ImageFault) -> GreyImage {
    let stored = try storedHeader(of: bytes)
    guard stored.colours != TJCS_CMYK.rawValue && stored.colours != TJCS_YCCK.rawValue else {
      throw .unsupported(format: .jpeg, reason: "it is in printing colours (CMYK); convert it to RGB or grey")
    }
    let longer = Int(max(stored.width, stored.height))
    let divisor = [8, 4, 2].first { (longer + $0 - 1) / $0 >= longerSide } ?? 1
    let width = (Int(stored.width) + divisor - 1) / divisor
    let height = (Int(stored.height) + divisor - 1) / divisor
    var image = GreyImage(width: width, height: height)
    let status = image.pixels.withUnsafeMutableBufferPointer { pixels in
      tjDecompress2(
        handle, bytes, UInt(bytes.count), pixels.baseAddress, Int32(width), Int32(width), Int32(height),
        Int32(TJPF_GRAY.rawValue), TJFLAG_LIMITSCANS)
    }
    guard status == 0 || isHarmless else { throw .damaged(format: .jpeg, reason: reason) }
    return image
  }

  private func storedHeader(
    of bytes: [UInt8]
  ) throws(ImageFault) -> (width: Int32, height: Int32, colours: UInt32) {
    var (width, height, subsampling, colours) = (Int32(0), Int32(0), Int32(0), Int32(0))
    let status = tjDecompressHeader3(
      handle, bytes, UInt(bytes.count), &width, &height, &subsampling, &colours)
    guard status == 0 || isWarning, width > 0, height > 0 else {
      throw .damaged(format: .jpeg, reason: reason)
    }
    return (width, height, UInt32(bitPattern: colours))
  }

  private var reason: String { String(cString: tjGetErrorStr2(handle)) }

  private var isWarning: Bool { tjGetErrorCode(handle) == TJERR_WARNING.rawValue }

  /// Some cameras pad the file before its end marker (0xd9): every pixel has been read by then. All other warnings
  /// stand for pixels that were made up.
  private var isHarmless: Bool { isWarning && reason.hasSuffix("extraneous bytes before marker 0xd9") }
}
