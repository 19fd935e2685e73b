import ImageKit

/// Turns clockwise, in degrees.
enum PageTurn: Int, CaseIterable {
  case none = 0
  case quarter = 90
  case half = 180
  case threeQuarters = 270

  /// What undoes it.
  var back: PageTurn {
    switch self {
    case .quarter: .threeQuarters
    case .threeQuarters: .quarter
    case .none, .half: self
    }
  }

  func followed(by other: PageTurn) -> PageTurn {
    PageTurn(rawValue: (rawValue + other.rawValue) % 360) ?? .none
  }

  /// Of a page of this size, when it is turned.
  func size(width: Int, height: Int) -> (width: Int, height: Int) {
    self == .quarter || self == .threeQuarters ? (height, width) : (width, height)
  }

  /// Where a point of a page comes to lie when the page is turned; the page's size is that before.
  func place(of point: Point, width: Int, height: Int) -> Point {
    switch self {
    case .none: point
    case .quarter: Point(x: Double(height) - point.y, y: point.x)
    case .half: Point(x: Double(width) - point.x, y: Double(height) - point.y)
    case .threeQuarters: Point(x: point.y, y: Double(width) - point.x)
    }
  }

  func turned(_ image: GreyImage) -> GreyImage {
    guard self != .none else { return image }
    let (width, height) = (image.width, image.height)
    let size = size(width: width, height: height)
    // The pixel of the old image that comes first in the new one, and how far the next ones to the right and below lie.
    let (first, right, below) =
      switch self {
      case .none: (0, 1, width)
      case .quarter: ((height - 1) * width, -width, 1)
      case .half: (width * height - 1, -1, -width)
      case .threeQuarters: (width - 1, width, -1)
      }
    let pixels = image.pixels.withUnsafeBufferPointer { source in
      [UInt8](unsafeUninitializedCapacity: width * height) { target, count in
        for y in 0..<size.height {
          var from = first + y * below
          for x in 0..<size.width {
            target[y * size.width + x] = source[from]
            from += right
          }
        }
        count = width * height
      }
    }
    return GreyImage(width: size.width, height: size.height, pixels: pixels)
  }
}
