import CKernels

/// The CTC loss of a batch (Graves et al. 2006), with its gradient.
public struct CTCLoss {
  private var scratch: [Float] = []

  public init() {}

  /// - Parameters:
  ///   - scores: time x batch x classes, before the softmax; class 0 is the blank.
  ///   - labels: classes of each member of the batch.
  ///   - scale: what each member's gradient is multiplied by.
  ///   - gradient: gets the gradient at the scores.
  /// - Returns: each member's negative log-likelihood; infinity, and no gradient, where the labels need more frames
  ///   than there are.
  public mutating func callAsFunction(
    _ scores: Tensor, labels: [[Int32]], scale: Float, gradient: Tensor
  ) -> [Float] {
    let (time, batch, classes) = (scores.shape.batch, scores.shape.width, scores.shape.channels)
    precondition(labels.count == batch)
    gradient.reshape(scores.shape)
    let longest = labels.map(\.count).max() ?? 0
    let needed = Int(htr_ctc_scratch(Int32(time), Int32(classes), Int32(longest)))
    if scratch.count < needed { scratch = [Float](repeating: 0, count: needed) }
    return labels.enumerated().map { index, label in
      htr_ctc_loss(
        Int32(time), Int32(classes), scores.floats + index * classes, Int64(batch * classes), label,
        Int32(label.count), scale, gradient.floats + index * classes, &scratch)
    }
  }
}
