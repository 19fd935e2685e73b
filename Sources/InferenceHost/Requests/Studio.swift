import Foundation
import ImageKit

/// Makes grey images of what a request sends, within what one request may cost.
struct Studio {
  let limits: InvocationLimits
  private var pixelsLeft: Int

  init(limits: InvocationLimits) {
    self.limits = limits
    pixelsLeft = limits.pixels
  }

  /// - Parameter number: the image's place in the request, for messages; from 0.
  mutating func words(_ picture: JSONRequest.Picture, number: Int) throws(InvocationFault) -> [GreyImage] {
    switch picture {
    case .file(let text): return [try word(try Self.bytes(ofBase64: text, number: number), number: number)]
    case .pixels(let array):
      let images = try array.images()
      for image in images { try spend(image.width * image.height) }
      return images
    }
  }

  /// One word: the whole image.
  mutating func word(_ file: [UInt8], number: Int) throws(InvocationFault) -> GreyImage {
    try decoded(file, number: number, shrinkTo: limits.wordSide).image
  }

  /// The page that crops are cut from, in its full size, for which their corners are meant.
  mutating func page(_ picture: JSONRequest.Picture) throws(InvocationFault) -> GreyImage {
    switch picture {
    case .file(let text):
      return try decoded(try Self.bytes(ofBase64: text, number: 0), number: 0, shrinkTo: nil).image
    case .pixels:
      let images = try words(picture, number: 0)
      guard images.count == 1 else {
        throw InvocationFault(.badRequest, "`image` is an array of \(images.count) images: `crops` need one page.")
      }
      return images[0]
    }
  }

  func crops(_ polygons: [[Point]], of page: GreyImage) throws(InvocationFault) -> [GreyImage] {
    var words: [GreyImage] = []
    for (number, polygon) in polygons.enumerated() {
      guard let word = WordCrop.cut(page, polygon) else {
        throw InvocationFault(
          .unreadableImage,
          "Crop \(number) covers nothing of the page, which is \(page.width) x \(page.height) pixels: give at least "
            + "three corners that are not in one line, in pixels of the upright page.")
      }
      words.append(word)
    }
    return words
  }

  mutating func decoded(
    _ file: [UInt8], number: Int, shrinkTo side: Int?
  ) throws(InvocationFault) -> DecodedImage {
    let bounds = ImageLimits(
      maximumBytes: limits.bodyBytes, maximumPixels: pixelsLeft, maximumSide: ImageLimits.standard.maximumSide)
    let decoded: DecodedImage
    do throws(ImageFault) {
      decoded = try ImageDecoder.grey(file, limits: bounds, shrinkTo: side)
    } catch {
      throw Self.fault(error, number: number)
    }
    try spend(decoded.header.width * decoded.header.height)
    return decoded
  }

  private mutating func spend(_ pixels: Int) throws(InvocationFault) {
    guard pixels <= pixelsLeft else {
      throw InvocationFault(
        .tooLarge,
        "The images of the request have more than \(limits.pixels) pixels together: send fewer or smaller ones.")
    }
    pixelsLeft -= pixels
  }

  private static func fault(_ fault: ImageFault, number: Int) -> InvocationFault {
    let code: InvocationFault.Code =
      switch fault {
      case .tooLarge: .tooLarge
      case .unknownFormat, .damaged, .unsupported, .notEncoded: .unreadableImage
      }
    return InvocationFault(code, "Image \(number) (counted from 0) is not read: \(fault).")
  }

  static func bytes(ofBase64 text: [UInt8], number: Int) throws(InvocationFault) -> [UInt8] {
    var text = text[...]
    if text.starts(with: "data:".utf8), let comma = text.firstIndex(of: UInt8(ascii: ",")) {
      text = text[(comma + 1)...]
    }
    // Python's encodebytes and the base64 program break their lines.
    if text.contains(0x0A) { text = text.filter { $0 != 0x0A && $0 != 0x0D }[...] }
    guard let file = Data(base64Encoded: Data(text)), !file.isEmpty else {
      throw InvocationFault(
        .badRequest,
        "Image \(number) (counted from 0) is not base64: send the standard alphabet (`+` and `/`) with its padding.")
    }
    return Array(file)
  }
}
