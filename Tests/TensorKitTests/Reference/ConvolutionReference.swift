import TensorKit

/// A convolution in double, straight from its definition. Weights are [output, input, kernel, kernel].
struct ConvolutionReference {
  let shape: ConvolutionShape

  /// Every multiplication that the convolution is made of: places in the output, the input and the weights.
  private func forEachTap(_ body: (_ output: Int, _ input: Int, _ weight: Int) -> Void) {
    let (input, output, kernel) = (shape.input, shape.output, shape.kernel)
    for place in 0..<output.rows {
      let (n, y, x) = (place / output.width / output.height, place / output.width % output.height, place % output.width)
      for tap in 0..<kernel * kernel {
        let fromY = y * shape.stride + tap / kernel - shape.padding
        let fromX = x * shape.stride + tap % kernel - shape.padding
        guard (0..<input.height).contains(fromY), (0..<input.width).contains(fromX) else { continue }
        let from = ((n * input.height + fromY) * input.width + fromX) * input.channels
        for o in 0..<output.channels {
          for i in 0..<input.channels {
            body(place * output.channels + o, from + i, (o * input.channels + i) * kernel * kernel + tap)
          }
        }
      }
    }
  }

  func forward(_ x: [Double], _ weights: [Double]) -> [Double] {
    sums(shape.output.count) { sums in forEachTap { sums[$0] += x[$1] * weights[$2] } }
  }

  func inputGradient(_ dy: [Double], _ weights: [Double]) -> [Double] {
    sums(shape.input.count) { sums in forEachTap { sums[$1] += dy[$0] * weights[$2] } }
  }

  func weightGradient(_ x: [Double], _ dy: [Double]) -> [Double] {
    sums(shape.weightCount) { sums in forEachTap { sums[$2] += x[$1] * dy[$0] } }
  }

  private func sums(_ count: Int, _ add: (UnsafeMutableBufferPointer<Double>) -> Void) -> [Double] {
    var sums = [Double](repeating: 0, count: count)
    sums.withUnsafeMutableBufferPointer { add($0) }
    return sums
  }
}
