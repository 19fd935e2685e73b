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

  /// Adds another tensor of the same shape and type.
  ///
  /// - Precondition: bfloat16 numbers are a multiple of 16.
  public func add(_ other: Tensor) {
    precondition(other.shape == shape && other.type == type)
    if type == .float32 {
      htr_accumulate(Int64(shape.count), other.floats, floats)
    } else {
      precondition(shape.count % 16 == 0)
      htr_add(type.kernelType, Int64(shape.count), other.address, address)
    }
  }

  /// Takes over numbers of whichever type.
  public func takeConverted(_ x: Tensor) {
    reshape(x.shape)
    convert(from: x.address, x.type, to: address, type, x.shape.count)
  }

  /// Takes over the sum of a map, which may be this one, and of one of half its height and width, each cell of which
  /// counts for four.
  public func takeSum(_ fine: Tensor, upsampled coarse: Tensor) {
    let shape = fine.shape
    precondition(shape.height % 2 == 0 && shape.width % 2 == 0 && shape.channels % 16 == 0)
    precondition(coarse.shape.rows * 4 == shape.rows && coarse.shape.channels == shape.channels)
    precondition(coarse.type == type && fine.type == type)
    reshape(shape)
    htr_upsample_add(
      type.kernelType, Int32(shape.batch), Int32(shape.height), Int32(shape.width), Int32(shape.channels),
      coarse.address, fine.address, address)
  }

  /// Takes over the sums of 2 x 2 cells each: the gradient at `coarse` of `takeSum`.
  public func takeBlockSums(_ fine: Tensor) {
    let shape = fine.shape
    precondition(shape.height % 2 == 0 && shape.width % 2 == 0 && shape.channels % 16 == 0 && fine.type == type)
    reshape(
      Shape(batch: shape.batch, height: shape.height / 2, width: shape.width / 2, channels: shape.channels))
    htr_downsample_sum(
      type.kernelType, Int32(shape.batch), Int32(shape.height), Int32(shape.width), Int32(shape.channels),
      fine.address, address)
  }

  /// Fills picture number `index` from bytes, 0...255 as 0...1: each 4 x 4 block becomes one cell of 16 channels.
  ///
  /// - Precondition: this tensor has 16 channels, and the picture four times its height and width.
  public func takeBlocks(of picture: UnsafeBufferPointer<UInt8>, index: Int) {
    precondition(shape.channels == 16 && picture.count == shape.height * shape.width * 16 && index < shape.batch)
    guard let pixels = picture.baseAddress else { return }
    htr_gather_blocks(
      type.kernelType, Int32(4 * shape.height), Int32(4 * shape.width), pixels,
      row(index * shape.height * shape.width))
  }

  /// Replaces each row by its log softmax.
  public func applyLogSoftmax() { htr_log_softmax(Int64(shape.rows), Int32(shape.channels), floats) }
}
