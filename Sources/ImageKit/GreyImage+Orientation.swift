extension GreyImage {
  /// The upright image of one that was stored with this orientation of EXIF and TIFF (1...8; anything else counts as 1):
  /// 6 is turned by 90 degrees clockwise, 3 by 180, 8 by 270.
  public func upright(from orientation: Int) -> GreyImage {
    guard (2...8).contains(orientation) else { return self }
    // Of stored column u and row v: whether the upright image counts them backwards, and whether they change places.
    let swaps = orientation > 4
    let (flipsColumns, flipsRows) = [
      2: (true, false), 3: (true, true), 4: (false, true), 5: (false, false),
      6: (false, true), 7: (true, true), 8: (true, false),
    ][orientation, default: (false, false)]
    var result = GreyImage(width: swaps ? height : width, height: swaps ? width : height)
    let columnStep = (swaps ? width : 1) * (swaps ? (flipsRows ? -1 : 1) : (flipsColumns ? -1 : 1))
    let rowStep = (swaps ? 1 : width) * (swaps ? (flipsColumns ? -1 : 1) : (flipsRows ? -1 : 1))
    let start = (flipsColumns ? width - 1 : 0) + (flipsRows ? (height - 1) * width : 0)
    let (outWidth, outHeight) = (result.width, result.height)
    pixels.withUnsafeBufferPointer { source in
      result.pixels.withUnsafeMutableBufferPointer { target in
        for row in 0..<outHeight {
          var from = start + row * rowStep
          for column in 0..<outWidth {
            target[row * outWidth + column] = source[from]
            from += columnStep
          }
        }
      }
    }
    return result
  }
}
