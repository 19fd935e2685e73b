public import ImageKit
public import TensorKit

/// One thread's way from pages to maps of words. Not for two threads at once.
public final class PageMapper {
  private let network: SegmentationNetwork
  private let backend: any KernelBackend
  private let memory: NetworkMemory
  /// Made for the largest page so far.
  private var replica: (replica: SegmentationReplica, pixels: Int)?
  private var picture: [UInt8] = []
  /// Sides are multiples of this, so that few sizes of page need kernels of their own; the network asks for a quarter of it.
  private static let granule = 4 * SegmentationArchitecture.granule

  /// - Parameters: `weights` and `statistics` are shared with others, and read only.
  public init(
    _ network: SegmentationNetwork, weights: FlatArray, statistics: FlatArray, backend: any KernelBackend
  ) {
    self.network = network
    self.backend = backend
    memory = NetworkMemory(weights: weights, gradients: FlatArray(count: 0), statistics: statistics)
  }

  /// - Parameters:
  ///   - page: as `InkNormalizer.pageInk` gives it.
  ///   - version: changes whenever the weights have changed.
  /// - Returns: maps with a cell for each 4 x 4 pixels of the page, also for those that the page fills in part.
  public func maps(of page: InkImage, version: Int) throws(KernelFault) -> WordMaps {
    func padded(_ side: Int) -> Int { (side + Self.granule - 1) / Self.granule * Self.granule }
    let (width, height) = (padded(page.width), padded(page.height))
    let replica = replica(height: height, width: width)
    let cell = SegmentationArchitecture.cell
    replica.input.reshape(Shape(batch: 1, height: height / cell, width: width / cell, channels: cell * cell))
    fill(page, width: width, height: height)
    picture.withUnsafeBufferPointer { replica.input.takeBlocks(of: .init(rebasing: $0[..<(width * height)]), index: 0) }
    let scores = try replica.forward(version: version)
    let (columns, rows) = ((page.width + cell - 1) / cell, (page.height + cell - 1) / cell)
    func map(_ channel: Int) -> [Float] {
      let all = scores.probabilities(picture: 0, channel: channel)
      let stride = width / cell
      return [Float](unsafeUninitializedCapacity: columns * rows) { buffer, count in
        for row in 0..<rows {
          for column in 0..<columns { buffer[row * columns + column] = all[row * stride + column] }
        }
        count = columns * rows
      }
    }
    return WordMaps(width: columns, height: rows, kernel: map(0), text: map(1))
  }

  private func replica(height: Int, width: Int) -> SegmentationReplica {
    if let replica, replica.pixels >= height * width { return replica.replica }
    // The smaller one goes before the larger one comes.
    replica = nil
    let made = SegmentationReplica(network, backend, memory, .inference, batch: 1, height: height, width: width)
    replica = (made, height * width)
    return made
  }

  /// The page at the top left, paper beside it.
  private func fill(_ page: InkImage, width: Int, height: Int) {
    if picture.count < width * height { picture = [UInt8](repeating: 0, count: width * height) }
    picture.withUnsafeMutableBufferPointer { picture in
      page.pixels.withUnsafeBufferPointer { pixels in
        for row in 0..<height {
          let line = UnsafeMutableBufferPointer(rebasing: picture[row * width..<(row + 1) * width])
          let filled = row < page.height ? page.width : 0
          if filled > 0 { _ = line.update(fromContentsOf: pixels[row * filled..<(row + 1) * filled]) }
          line[filled...].update(repeating: 0)
        }
      }
    }
  }
}
