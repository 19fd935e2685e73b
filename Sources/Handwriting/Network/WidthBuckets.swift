/// The widths that pictures of words are padded to. Few of them, for each needs kernels of its own; close to each
/// other, for padding costs time.
public struct WidthBuckets: Sendable, Equatable {
  public let widths: [Int]

  /// - Parameter maximum: the widest picture; wider words are squeezed into it.
  public init(maximum: Int) {
    let all = [32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 512, 768, 1024, 1536, 2048]
    widths = all.filter { $0 < maximum } + [maximum]
  }

  public var maximum: Int { widths[widths.count - 1] }

  /// The narrowest that holds a picture of this width, or the widest there is.
  public func width(for content: Int) -> Int { widths.first { $0 >= content } ?? maximum }
}
