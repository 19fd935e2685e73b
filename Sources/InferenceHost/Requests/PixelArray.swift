import ImageKit

/// Nested lists of numbers, as numpy's `tolist` writes an array: H x W (grey), H x W x 3 (red, green, blue), and lists
/// of such images. H x W x 1 counts as grey.
struct PixelArray: Equatable {
  static let deepest = 4

  private(set) var values: [Float] = []
  /// How many items each list has: `lengths[0]` of the outermost list, then of the lists in it, and so on, in order.
  private(set) var lengths: [[Int]] = []
}

extension PixelArray {
  /// Reads an array, whose outermost `[` comes next.
  /// - Parameter maximumNumbers: more are refused before memory is spent on them.
  init(from scanner: inout JSONScanner, maximumNumbers: Int) throws(InvocationFault) {
    lengths = Array(repeating: [], count: Self.deepest)
    var leafDepth: Int?
    try readList(at: 1, from: &scanner, leafDepth: &leafDepth, maximumNumbers: maximumNumbers)
    lengths.removeLast(Self.deepest - (leafDepth ?? 0))
  }

  private mutating func readList(
    at depth: Int, from scanner: inout JSONScanner, leafDepth: inout Int?, maximumNumbers: Int
  ) throws(InvocationFault) {
    guard depth <= Self.deepest else {
      throw scanner.fault("the pixels are nested deeper than \(Self.deepest) lists (images, rows, columns, colours)")
    }
    try scanner.expect(UInt8(ascii: "["), "a list (`[`)")
    // Noted when the list begins, so that the lists of one depth stand in their order.
    let index = lengths[depth - 1].count
    lengths[depth - 1].append(0)
    var count = 0
    repeat {
      if scanner.peek() == UInt8(ascii: "[") {
        guard depth < leafDepth ?? .max else { throw scanner.fault("there is a list where its neighbours are numbers") }
        try readList(at: depth + 1, from: &scanner, leafDepth: &leafDepth, maximumNumbers: maximumNumbers)
      } else {
        guard depth == leafDepth ?? depth else {
          throw scanner.fault("there is something else where a list must be, as beside it")
        }
        leafDepth = depth
        values.append(Float(try scanner.number()))
        guard values.count <= maximumNumbers else {
          throw InvocationFault(
            .tooLarge, "The request has more than \(maximumNumbers) pixel numbers: send fewer or smaller images.")
        }
      }
      count += 1
    } while scanner.take(UInt8(ascii: ","))
    try scanner.expect(UInt8(ascii: "]"), "`,` or `]`")
    lengths[depth - 1][index] = count
  }

  /// The images that stand in the array, in order. Numbers are 0...255, or 0...1 when none of the array is above 1.
  func images() throws(InvocationFault) -> [GreyImage] {
    let depth = lengths.count
    guard depth >= 2 else {
      throw Self.refusal("The pixels are one flat list: send a list of rows, as numpy's tolist() gives it.")
    }
    let isColour = depth == 4 || (depth == 3 && lengths[2].allSatisfy { $0 == 3 || $0 == 1 })
    let channels = isColour ? try Self.common(lengths[depth - 1], "colours of the pixels") : 1
    guard channels == 1 || channels == 3 else {
      throw Self.refusal("The pixels have \(channels) colours: send 1 (grey) or 3 (red, green, blue).")
    }
    let scale = try scale()
    let rowDepth = isColour ? depth - 2 : depth - 1
    let widths = lengths[rowDepth]
    var images: [GreyImage] = []
    var row = 0
    var start = 0
    for height in lengths[rowDepth - 1] {
      let width = try Self.common(widths[row..<(row + height)], "lengths of the rows")
      let end = start + width * height * channels
      images.append(
        GreyImage(width: width, height: height, pixels: grey(start..<end, channels: channels, scale: scale)))
      row += height
      start = end
    }
    return images
  }

  private static func common(_ lengths: some Collection<Int>, _ what: String) throws(InvocationFault) -> Int {
    guard let first = lengths.first, lengths.allSatisfy({ $0 == first }) else {
      throw refusal("The \(what) of an image differ: all rows of an image need the same length.")
    }
    return first
  }

  private func scale() throws(InvocationFault) -> Float {
    let (least, greatest) = values.withUnsafeBufferPointer { values in
      values.reduce((Float.infinity, -Float.infinity)) { (min($0.0, $1), max($0.1, $1)) }
    }
    guard least >= 0, greatest <= 255 else {
      throw Self.refusal(
        "The pixels go from \(least) to \(greatest): send them as 0 (black) to 255 (white), or as 0 to 1.")
    }
    return greatest <= 1 ? 255 : 1
  }

  private func grey(_ range: Range<Int>, channels: Int, scale: Float) -> [UInt8] {
    values.withUnsafeBufferPointer { values in
      [UInt8](unsafeUninitializedCapacity: range.count / channels) { pixels, count in
        count = range.count / channels
        for index in 0..<count {
          let at = range.lowerBound + index * channels
          // The weights of JPEG's own brightness.
          let value = channels == 1 ? values[at] : 0.299 * values[at] + 0.587 * values[at + 1] + 0.114 * values[at + 2]
          pixels[index] = UInt8(min(255, (value * scale).rounded()))
        }
      }
    }
  }

  private static func refusal(_ message: String) -> InvocationFault { InvocationFault(.unreadableImage, message) }
}
