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
    switch self {
    case .none: image
    case .quarter: image.upright(from: 6)
    case .half: image.upright(from: 3)
    case .threeQuarters: image.upright(from: 8)
    }
  }
}
