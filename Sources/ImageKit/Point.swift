/// A place in an image: x to the right, y down, in pixels; (0, 0) is the top left corner of the first pixel.
public struct Point: Sendable, Equatable {
  public var x: Double
  public var y: Double

  public init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }
}
