internal import CPNG

/// libpng's simplified interface: any colour type, depth and interlacing comes out as 8-bit grey.
enum PNGCodec {
  static func grey(_ bytes: [UInt8]) throws(ImageFault) -> GreyImage {
    var control = png_image()
    control.version = UInt32(PNG_IMAGE_VERSION)
    defer { png_image_free(&control) }
    // libpng keeps the address of the bytes from one call to the next.
    let pixels = bytes.withUnsafeBytes { memory -> [UInt8]? in
      guard png_image_begin_read_from_memory(&control, memory.baseAddress, memory.count) != 0 else { return nil }
      control.format = UInt32(PNG_FORMAT_GRAY)
      // Without it, 16 bits that do not tell their gamma are taken for linear light and come out too bright.
      control.flags |= UInt32(PNG_IMAGE_FLAG_16BIT_sRGB)
      var white = png_color(red: 255, green: 255, blue: 255)
      var pixels = [UInt8](repeating: 255, count: Int(control.width) * Int(control.height))
      let isRead = png_image_finish_read(&control, &white, &pixels, png_int_32(control.width), nil)
      return isRead != 0 ? pixels : nil
    }
    guard let pixels else { throw .damaged(format: .png, reason: reason(control)) }
    return GreyImage(width: Int(control.width), height: Int(control.height), pixels: pixels)
  }

  static func encode(_ image: GreyImage) throws(ImageFault) -> [UInt8] {
    try encode(image.pixels, width: image.width, height: image.height, channels: 1)
  }

  static func encode(_ image: ColourImage) throws(ImageFault) -> [UInt8] {
    try encode(image.pixels, width: image.width, height: image.height, channels: 3)
  }

  private static func encode(
    _ pixels: [UInt8], width: Int, height: Int, channels: Int
  ) throws(ImageFault) -> [UInt8] {
    var control = png_image()
    control.version = UInt32(PNG_IMAGE_VERSION)
    control.width = UInt32(width)
    control.height = UInt32(height)
    control.format = channels == 1 ? UInt32(PNG_FORMAT_GRAY) : UInt32(PNG_FORMAT_RGB)
    // Deflate never adds as much as an eighth, and the chunks around it are small.
    let bound = (width * channels + 1) * height
    var count = bound + bound / 8 + 4096
    var bytes = [UInt8](repeating: 0, count: count)
    guard png_image_write_to_memory(&control, &bytes, &count, 0, pixels, png_int_32(width * channels), nil) != 0
    else { throw .notEncoded(format: .png, reason: reason(control)) }
    bytes.removeSubrange(count...)
    return bytes
  }

  private static func reason(_ control: png_image) -> String {
    withUnsafeBytes(of: control.message) { message in
      String(decoding: message.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
