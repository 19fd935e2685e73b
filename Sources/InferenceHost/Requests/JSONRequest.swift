import Handwriting
import ImageKit

/// What a JSON body asks, before any image is decoded.
///
/// An object with one of `image` (one image), `images` or `instances` (a list of images); and, if wanted, `crops` (the
/// corners of the words in `image`), `alternatives` (0...10) and `characters` (true or false). Or the list of images
/// alone. An image is the base64 text of a JPEG or PNG file, an array of pixels, or an object that holds either under
/// `image` or `b64`.
struct JSONRequest: Equatable {
  enum Picture: Equatable {
    /// The base64 text of a file.
    case file([UInt8])
    /// One image, or several of one array.
    case pixels(PixelArray)
  }

  var pictures: [Picture] = []
  var crops: [[Point]]?
  var options = ReadingOptions()
}

extension JSONRequest {
  private static let pictureMembers = ["image", "images", "instances"]
  private static let memberNames = pictureMembers + ["crops", "alternatives", "characters"]

  init(parsing body: [UInt8], limits: InvocationLimits) throws(InvocationFault) {
    var scanner = JSONScanner(body)
    if scanner.peek() == UInt8(ascii: "[") {
      try readPictures(from: &scanner, limits: limits)
    } else {
      var seen: Set<String> = []
      try scanner.members { (scanner, key) throws(InvocationFault) in
        guard seen.insert(key).inserted else { throw scanner.fault("`\(key.prefix(40))` comes a second time") }
        try readMember(key, from: &scanner, limits: limits)
      }
      try Self.check(seen)
    }
    try scanner.expectEnd()
  }

  private mutating func readMember(
    _ key: String, from scanner: inout JSONScanner, limits: InvocationLimits
  ) throws(InvocationFault) {
    switch key {
    case "image": try readPicture(from: &scanner, limits: limits)
    case "images", "instances": try readPictures(from: &scanner, limits: limits)
    case "crops": crops = try Self.crops(from: &scanner, limits: limits)
    case "characters": options.characters = try scanner.bool()
    case "alternatives":
      let number = try scanner.number()
      let most = ReadingOptions.maximumAlternatives
      guard let count = Int(exactly: number), (0...most).contains(count) else {
        throw InvocationFault(.badRequest, "`alternatives` must be a whole number from 0 to \(most), not \(number).")
      }
      options.alternatives = count
    default:
      throw InvocationFault(
        .badRequest,
        "The body has a member `\(key.prefix(40))`, which means nothing here: there are "
          + Self.memberNames.map { "`\($0)`" }.joined(separator: ", ") + ".")
    }
  }

  private static func check(_ members: Set<String>) throws(InvocationFault) {
    let found = pictureMembers.filter(members.contains)
    guard found.count == 1 else {
      let what = found.isEmpty ? "none" : found.map { "`\($0)`" }.joined(separator: " and ")
      throw InvocationFault(
        .badRequest, "The body must have one of `image`, `images` and `instances`, but has \(what).")
    }
    guard !members.contains("crops") || members.contains("image") else {
      throw InvocationFault(.badRequest, "`crops` are cut from one page: send it as `image`.")
    }
  }

  private mutating func readPictures(
    from scanner: inout JSONScanner, limits: InvocationLimits
  ) throws(InvocationFault) {
    var ahead = scanner
    try ahead.expect(UInt8(ascii: "["), "a list of images (`[`)")
    switch ahead.peek() {
    case UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "]"):
      try scanner.items { (scanner) throws(InvocationFault) in try readPicture(from: &scanner, limits: limits) }
    default: try readPicture(from: &scanner, limits: limits)
    }
  }

  private mutating func readPicture(
    from scanner: inout JSONScanner, limits: InvocationLimits
  ) throws(InvocationFault) {
    guard pictures.count < limits.images else { throw InvocationFault.tooManyImages(limits) }
    switch scanner.peek() {
    case UInt8(ascii: "\""): pictures.append(.file(try scanner.string()))
    case UInt8(ascii: "["):
      pictures.append(.pixels(try PixelArray(from: &scanner, maximumNumbers: 3 * limits.pixels)))
    case UInt8(ascii: "{"):
      let before = pictures.count
      try scanner.members { (scanner, key) throws(InvocationFault) in
        guard key == "image" || key == "b64", pictures.count == before, scanner.peek() != UInt8(ascii: "{") else {
          throw scanner.fault("an image object must have one member, `image` or `b64`, and no `\(key.prefix(40))`")
        }
        try readPicture(from: &scanner, limits: limits)
      }
      guard pictures.count > before else { throw scanner.fault("an image object has neither `image` nor `b64`") }
    default: throw scanner.fault("an image must come: a base64 text, a list of pixel rows, or an object with `image`")
    }
  }

  private static func crops(
    from scanner: inout JSONScanner, limits: InvocationLimits
  ) throws(InvocationFault) -> [[Point]] {
    var crops: [[Point]] = []
    try scanner.items { (scanner) throws(InvocationFault) in
      guard crops.count < limits.images else { throw InvocationFault.tooManyImages(limits) }
      var corners: [Point] = []
      try scanner.items { (scanner) throws(InvocationFault) in
        guard corners.count < limits.corners else {
          throw InvocationFault(.tooLarge, "Crop \(crops.count) has more than \(limits.corners) corners: send fewer.")
        }
        corners.append(try corner(from: &scanner))
      }
      crops.append(corners)
    }
    return crops
  }

  private static func corner(from scanner: inout JSONScanner) throws(InvocationFault) -> Point {
    var x: Double?
    var y: Double?
    try scanner.members { (scanner, key) throws(InvocationFault) in
      switch key {
      case "x": x = try scanner.number()
      case "y": y = try scanner.number()
      default: throw scanner.fault("a corner must have `x` and `y`, and no `\(key.prefix(40))`")
      }
    }
    guard let x, let y, x.isFinite, y.isFinite else {
      throw scanner.fault("a corner must have `x` and `y`, both numbers of pixels")
    }
    return Point(x: x, y: y)
  }
}

extension InvocationFault {
  static func tooManyImages(_ limits: InvocationLimits) -> InvocationFault {
    InvocationFault(.tooLarge, "The request has more than \(limits.images) images: send them in several requests.")
  }
}
