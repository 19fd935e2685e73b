/// A decoded image, upright, with what its file said.
public struct DecodedImage: Sendable, Equatable {
  public let image: GreyImage
  /// With the sides before shrinking.
  public let header: ImageHeader
  /// At least 1: a place in `image` times this is the place in the full upright image.
  public let shrinkFactor: Double
}
