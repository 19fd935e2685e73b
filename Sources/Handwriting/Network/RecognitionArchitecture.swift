/// The shape of a recognition network: a convolutional trunk, two bidirectional LSTMs, a score per class and frame.
public struct RecognitionArchitecture: Sendable, Equatable {
  /// Channels after each convolution, the last of which feeds the LSTMs; multiples of 16.
  public var channels: [Int]
  /// Hidden units of each LSTM in each direction.
  public var hidden: Int
  /// How many LSTMs stand on one another.
  public var layers: Int
  /// Characters and the blank, which is class 0.
  public var classes: Int
  /// Rows of the picture of a word.
  public var height: Int

  public init(
    channels: [Int] = [16, 32, 64, 64, 128, 128, 192], hidden: Int = 160, layers: Int = 2, classes: Int,
    height: Int = 48
  ) {
    self.channels = channels
    self.hidden = hidden
    self.layers = layers
    self.classes = classes
    self.height = height
  }

  /// Columns of the picture to one frame.
  public static let columnsPerFrame = 4

  /// Pooling after each convolution: twice both ways, then height only, and whatever height is left at the end.
  var pools: [(height: Int, width: Int)] {
    let last = channels.count - 1
    return channels.indices.map { index in
      switch index {
      case last: (height / 16, 1)
      case 0, 1: (2, 2)
      case let index where index % 2 == 1 && index <= 5: (2, 1)
      default: (1, 1)
      }
    }
  }

  /// Numbers of the largest layer's output for one picture of a width.
  func largestOutput(width: Int) -> Int {
    var (rows, columns, largest) = (height, width, 0)
    for (outputs, pool) in zip(channels, pools) {
      largest = max(largest, rows * columns * outputs)
      (rows, columns) = (rows / pool.height, columns / pool.width)
    }
    return largest
  }

  /// The same for another number of classes.
  public func with(classes: Int) -> RecognitionArchitecture {
    var other = self
    other.classes = classes
    return other
  }

  /// Why there is no such network; nil when there is one.
  public var fault: String? {
    if channels.count != 7 { return "channels must be seven numbers, not \(channels.count)" }
    if !channels.allSatisfy({ $0 % 16 == 0 && (16...1024).contains($0) }) {
      return "channels must be multiples of 16 from 16 to 1024, not \(channels)"
    }
    if !(16...1024).contains(hidden) || hidden % 16 != 0 {
      return "hidden must be a multiple of 16 from 16 to 1024, not \(hidden)"
    }
    if !(1...4).contains(layers) { return "layers must be from 1 to 4, not \(layers)" }
    if !(2...2001).contains(classes) { return "classes must be from 2 to 2001, not \(classes)" }
    if height % 16 != 0 || !(16...128).contains(height) {
      return "height must be a multiple of 16 from 16 to 128, not \(height)"
    }
    return nil
  }
}
