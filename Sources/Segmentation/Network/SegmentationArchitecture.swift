/// The shape of a segmentation network: a convolutional trunk over four resolutions, and a feature pyramid back to the
/// finest of them.
public struct SegmentationArchitecture: Sendable, Equatable {
  /// Channels at a quarter, an eighth, a sixteenth and a thirty-second of the picture's size; multiples of 16.
  public var channels: [Int]
  /// Channels of the pyramid and of the head; a multiple of 16.
  public var pyramid: Int

  public init(channels: [Int] = [48, 64, 96, 128], pyramid: Int = 48) {
    self.channels = channels
    self.pyramid = pyramid
  }

  /// Pixels of the picture to one cell of the maps, each way.
  public static let cell = 4
  /// What a picture's sides must be multiples of.
  public static let granule = 32
  /// The middle of words, and words: see `WordMaps`.
  static let maps = 2

  /// Why there is no such network; nil when there is one.
  public var fault: String? {
    if channels.count != 4 { return "channels must be four numbers, not \(channels.count)" }
    if !(channels + [pyramid]).allSatisfy({ $0 % 16 == 0 && (16...512).contains($0) }) {
      return "channels must be multiples of 16 from 16 to 512, not \(channels) and \(pyramid)"
    }
    return nil
  }
}
