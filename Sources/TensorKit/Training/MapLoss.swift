import CKernels

/// The loss of maps of probabilities: binary cross-entropy over positives and hard negatives (Shrivastava et al. 2016)
/// plus the Dice loss (Milletari et al. 2016), as text detectors use them.
public struct MapLoss {
  private var probabilities: [Float] = []

  public init() {}

  /// One map of one picture.
  ///
  /// - Parameters:
  ///   - logits: its numbers before the sigmoid; every `stride`-th is this map's.
  ///   - target: 0 or 1 for each cell.
  ///   - weight: of each cell; 0 where nothing is to be learnt.
  ///   - scale: what the gradient is multiplied by.
  ///   - gradient: gets the gradient at the logits, with the same stride.
  public mutating func callAsFunction(
    _ logits: UnsafePointer<Float>, stride: Int, target: UnsafeBufferPointer<UInt8>,
    weight: UnsafeBufferPointer<Float>, scale: Float, gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    precondition(target.count == weight.count && !target.isEmpty)
    if probabilities.count < target.count { probabilities = [Float](repeating: 0, count: target.count) }
    return htr_map_loss(
      Int64(target.count), Int64(stride), logits, target.baseAddress!, weight.baseAddress!, scale, gradient,
      &probabilities)
  }
}

extension Tensor {
  /// The probabilities of one map of a picture: the sigmoid of its channel.
  ///
  /// - Precondition: float32.
  public func probabilities(picture: Int, channel: Int) -> [Float] {
    let cells = shape.height * shape.width
    return [Float](unsafeUninitializedCapacity: cells) { buffer, count in
      if let target = buffer.baseAddress {
        htr_sigmoid(
          Int64(cells), floats + picture * cells * shape.channels + channel, Int64(shape.channels), target)
      }
      count = cells
    }
  }
}
