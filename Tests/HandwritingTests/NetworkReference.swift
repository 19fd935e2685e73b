import Glibc
import Handwriting
import TensorKit

/// The recognition network for one picture, in double and straight from its description: convolutions, norms by running
/// statistics, ReLU, pooling, LSTMs both ways, scores, log softmax. Nothing is folded, nothing is shared with TensorKit.
struct NetworkReference {
  let test: TestNetwork

  /// Rows of numbers: pictures as height x width pixels of channels, sequences as one row of frames.
  private struct Map {
    var height, width, channels: Int
    var values: [Double]
  }

  private func weight(_ name: String) -> [Double] {
    guard let found = test.network.parameters.parameters.first(where: { $0.name == name }) else { return [] }
    return test.weights.values(of: found).map(Double.init)
  }

  private func statistic(_ name: String) -> [Double] {
    guard let found = test.network.statistics.parameters.first(where: { $0.name == name }) else { return [] }
    return test.statistics.values(of: found).map(Double.init)
  }

  /// The natural logarithms of each frame's probabilities, frame after frame.
  func logProbabilities(_ picture: [Float], width: Int) -> [Double] {
    let height = test.network.architecture.height
    var map = Map(height: height, width: width, channels: 1, values: picture.map(Double.init))
    let pools = [(2, 2), (2, 2), (1, 1), (2, 1), (1, 1), (2, 1), (height / 16, 1)]
    for (index, pool) in pools.enumerated() { map = pooled(normalised(convolved(map, index), index), pool) }
    for index in 0..<test.network.architecture.layers { map = remembered(map, index) }
    let (head, bias) = (weight("head.weight"), weight("head.bias"))
    return (0..<map.width).flatMap { frame in
      let x = map.values[frame * map.channels..<(frame + 1) * map.channels]
      let scores = bias.indices.map { index in
        zip(x, head[index * map.channels..<(index + 1) * map.channels]).reduce(bias[index]) { $0 + $1.0 * $1.1 }
      }
      let whole = log(scores.reduce(0) { $0 + exp($1) })
      return scores.map { $0 - whole }
    }
  }

  private func convolved(_ map: Map, _ index: Int) -> Map {
    let weights = weight("trunk.\(index).conv.weight")
    var result = Map(height: map.height, width: map.width, channels: 16, values: [])
    result.values = [Double](repeating: 0, count: map.height * map.width * 16)
    weights.withUnsafeBufferPointer { weights in
      map.values.withUnsafeBufferPointer { from in
        result.values.withUnsafeMutableBufferPointer { to in
          for place in 0..<map.height * map.width * 9 {
            let (y, x, tap) = (place / 9 / map.width, place / 9 % map.width, place % 9)
            let (fromY, fromX) = (y + tap / 3 - 1, x + tap % 3 - 1)
            guard (0..<map.height).contains(fromY), (0..<map.width).contains(fromX) else { continue }
            for output in 0..<16 {
              for input in 0..<map.channels {
                to[(y * map.width + x) * 16 + output] +=
                  from[(fromY * map.width + fromX) * map.channels + input]
                  * weights[(output * map.channels + input) * 9 + tap]
              }
            }
          }
        }
      }
    }
    return result
  }

  private func normalised(_ map: Map, _ index: Int) -> Map {
    let (gamma, beta) = (weight("trunk.\(index).norm.weight"), weight("trunk.\(index).norm.bias"))
    let mean = statistic("trunk.\(index).norm.running_mean")
    let variance = statistic("trunk.\(index).norm.running_var")
    var result = map
    for place in map.values.indices {
      let channel = place % map.channels
      let normal = (map.values[place] - mean[channel]) / (variance[channel] + 1e-5).squareRoot()
      result.values[place] = max(0, gamma[channel] * normal + beta[channel])
    }
    return result
  }

  private func pooled(_ map: Map, _ pool: (height: Int, width: Int)) -> Map {
    var result = Map(
      height: map.height / pool.height, width: map.width / pool.width, channels: map.channels, values: [])
    for y in 0..<result.height {
      for x in 0..<result.width {
        for channel in 0..<map.channels {
          let window = (0..<pool.height * pool.width).map { place in
            let row = (y * pool.height + place / pool.width) * map.width + x * pool.width + place % pool.width
            return map.values[row * map.channels + channel]
          }
          result.values.append(window.max() ?? 0)
        }
      }
    }
    return result
  }

  private func remembered(_ map: Map, _ index: Int) -> Map {
    let hidden = test.network.architecture.hidden
    var result = Map(height: 1, width: map.width, channels: 2 * hidden, values: [])
    result.values = [Double](repeating: 0, count: map.width * 2 * hidden)
    for (side, direction) in ["forward", "reverse"].enumerated() {
      let name = "lstm.\(index).\(direction)"
      let (input, recurrent, bias) = (weight("\(name).weight_ih"), weight("\(name).weight_hh"), weight("\(name).bias"))
      var (cell, output) = ([Double](repeating: 0, count: hidden), [Double](repeating: 0, count: hidden))
      for frame in side == 0 ? Array(0..<map.width) : (0..<map.width).reversed() {
        let x = Array(map.values[frame * map.channels..<(frame + 1) * map.channels])
        var gates = bias
        for gate in gates.indices {
          for place in x.indices { gates[gate] += input[gate * x.count + place] * x[place] }
          for place in output.indices { gates[gate] += recurrent[gate * hidden + place] * output[place] }
        }
        for unit in 0..<hidden {
          let (i, f, o) = (sigmoid(gates[unit]), sigmoid(gates[hidden + unit]), sigmoid(gates[3 * hidden + unit]))
          cell[unit] = f * cell[unit] + i * tanh(gates[2 * hidden + unit])
          output[unit] = o * tanh(cell[unit])
          result.values[frame * 2 * hidden + side * hidden + unit] = output[unit]
        }
      }
    }
    return result
  }

  private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
}
