import TensorKit

/// Batch norm in training, ReLU and max pooling as the textbook has them, in double.
struct NormPoolReference {
  /// Before pooling.
  let shape: Shape
  let poolHeight: Int
  let poolWidth: Int
  let x: [Double]
  let gamma: [Double]
  let beta: [Double]
  private static let epsilon = 1e-5

  var pooledShape: Shape {
    Shape(
      batch: shape.batch, height: shape.height / poolHeight, width: shape.width / poolWidth, channels: shape.channels)
  }

  /// Mean and biased variance of each channel.
  func moments() -> (mean: [Double], variance: [Double]) {
    var mean = [Double](repeating: 0, count: shape.channels)
    var variance = mean
    for index in x.indices { mean[index % shape.channels] += x[index] / Double(shape.rows) }
    for index in x.indices {
      let distance = x[index] - mean[index % shape.channels]
      variance[index % shape.channels] += distance * distance / Double(shape.rows)
    }
    return (mean, variance)
  }

  /// The inputs of each output, window by window in row-major order.
  private func windows() -> [[Int]] {
    let pooled = pooledShape
    var windows: [[Int]] = []
    for n in 0..<pooled.batch {
      for y in 0..<pooled.height {
        for x in 0..<pooled.width {
          for channel in 0..<pooled.channels {
            var window: [Int] = []
            for py in 0..<poolHeight {
              for px in 0..<poolWidth {
                let row = (n * shape.height + y * poolHeight + py) * shape.width + x * poolWidth + px
                window.append(row * shape.channels + channel)
              }
            }
            windows.append(window)
          }
        }
      }
    }
    return windows
  }

  private func normalised() -> [Double] {
    let (mean, variance) = moments()
    return x.indices.map { index in
      let channel = index % shape.channels
      return (x[index] - mean[channel]) / (variance[channel] + Self.epsilon).squareRoot()
    }
  }

  /// Outputs, and which of its window each was.
  func forward() -> (y: [Double], winners: [Int]) {
    let normalised = normalised()
    var (y, winners): ([Double], [Int]) = ([], [])
    for window in windows() {
      var (best, winner) = (-Double.infinity, 0)
      for (place, index) in window.enumerated() {
        let value = gamma[index % shape.channels] * normalised[index] + beta[index % shape.channels]
        if value > best { (best, winner) = (value, place) }
      }
      y.append(max(0, best))
      winners.append(winner)
    }
    return (y, winners)
  }

  /// The gradients at x, gamma and beta for the gradient `dy` at the output.
  func backward(_ dy: [Double]) -> (dx: [Double], dgamma: [Double], dbeta: [Double]) {
    let normalised = normalised()
    let (y, winners) = forward()
    var atNorm = [Double](repeating: 0, count: x.count)
    for (output, window) in windows().enumerated() where y[output] > 0 { atNorm[window[winners[output]]] = dy[output] }
    var dgamma = [Double](repeating: 0, count: shape.channels)
    var dbeta = dgamma
    for index in x.indices {
      dgamma[index % shape.channels] += atNorm[index] * normalised[index]
      dbeta[index % shape.channels] += atNorm[index]
    }
    let variance = moments().variance
    let rows = Double(shape.rows)
    let dx = x.indices.map { index in
      let channel = index % shape.channels
      return gamma[channel] / (variance[channel] + Self.epsilon).squareRoot()
        * (atNorm[index] - dbeta[channel] / rows - normalised[index] * dgamma[channel] / rows)
    }
    return (dx, dgamma, dbeta)
  }

  func maxPool() -> [Double] { windows().map { window in window.map { x[$0] }.max() ?? 0 } }
}
