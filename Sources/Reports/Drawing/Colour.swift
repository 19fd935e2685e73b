/// A colour of the screen.
public struct Colour: Sendable, Equatable {
  public let red: UInt8
  public let green: UInt8
  public let blue: UInt8

  /// - Parameter hex: `0xRRGGBB`.
  public init(_ hex: UInt32) {
    red = UInt8(truncatingIfNeeded: hex >> 16)
    green = UInt8(truncatingIfNeeded: hex >> 8)
    blue = UInt8(truncatingIfNeeded: hex)
  }

  public init(grey: UInt8) {
    red = grey
    green = grey
    blue = grey
  }

  public static let white = Colour(grey: 255)

  /// As HTML and SVG write it: `#rrggbb`.
  public var hex: String {
    "#" + [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// The colour on the straight way from this to another one, 0...1 of it gone.
  func mixed(with other: Colour, share: Double) -> Colour {
    let share = min(max(share, 0), 1)
    func between(_ one: UInt8, _ two: UInt8) -> UInt32 {
      UInt32((Double(one) + (Double(two) - Double(one)) * share).rounded())
    }
    return Colour(between(red, other.red) << 16 | between(green, other.green) << 8 | between(blue, other.blue))
  }
}
