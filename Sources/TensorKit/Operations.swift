import CKernels

extension Tensor {
  /// Takes over a sequence that stands batch first ([batch, 1, time, channels]), time first.
  public func takeTimeFirst(_ map: Tensor) {
    precondition(map.shape.height == 1)
    let (batch, time, channels) = (map.shape.batch, map.shape.width, map.shape.channels)
    reshape(Shape(time: time, batch: batch, channels: channels))
    htr_swap_batch_time(
      map.type.kernelType, type.kernelType, Int32(batch), Int32(time), Int32(channels), 0, map.address, address)
  }

  /// The reverse of `takeTimeFirst`.
  public func takeBatchFirst(_ sequence: Tensor) {
    let (time, batch, channels) = (sequence.shape.batch, sequence.shape.width, sequence.shape.channels)
    reshape(Shape(batch: batch, height: 1, width: time, channels: channels))
    htr_swap_batch_time(
      sequence.type.kernelType, type.kernelType, Int32(batch), Int32(time), Int32(channels), 1, sequence.address,
      address)
  }

  /// Takes over `x` with a share of the numbers, chosen by the seed, set to zero and the rest made larger in turn.
  ///
  /// The backward pass is the same call on the gradient, with the same seed. `x` may be this tensor.
  public func takeDropout(_ x: Tensor, rate: Float, seed: UInt64) {
    precondition(x.type == type)
    reshape(x.shape)
    htr_dropout(type.kernelType, Int64(x.shape.count), rate, seed, x.address, address)
  }

  /// Adds another tensor of float32 numbers.
  public func add(_ other: Tensor) {
    precondition(other.shape == shape)
    htr_accumulate(Int64(shape.count), other.floats, floats)
  }

  /// Replaces each row by its log softmax.
  public func applyLogSoftmax() { htr_log_softmax(Int64(shape.rows), Int32(shape.channels), floats) }
}
