/// Two long short-term memories over a sequence, one in each direction, their outputs side by side.
public final class BidirectionalLSTM {
  struct Direction {
    let input: Parameter
    let recurrent: Parameter
    let bias: Parameter
    let isReversed: Bool
  }

  let directions: [Direction]
  let inputSize: Int
  let hidden: Int

  /// - Parameter hidden: units in each direction, a multiple of 16.
  public init(_ name: String, _ layout: inout ParameterLayout, input: Int, hidden: Int) {
    precondition(hidden % 16 == 0)
    inputSize = input
    self.hidden = hidden
    directions = ["forward", "reverse"].map { direction in
      Direction(
        input: layout.add("\(name).\(direction).weight_ih", [4 * hidden, input], decays: true),
        recurrent: layout.add("\(name).\(direction).weight_hh", [4 * hidden, hidden], decays: true),
        bias: layout.add("\(name).\(direction).bias", [4 * hidden]), isReversed: direction == "reverse")
    }
  }

  public var outputSize: Int { 2 * hidden }

  /// Glorot's range for the input weights, the usual 1/sqrt(hidden) for the recurrent ones, forget gates open.
  public func start(_ weights: FlatArray, _ uniform: () -> Double) {
    for direction in directions {
      let inputRange = (6 / Double(inputSize + hidden)).squareRoot()
      let recurrentRange = 1 / Double(hidden).squareRoot()
      for index in 0..<direction.input.count {
        weights[direction.input][index] = Float((2 * uniform() - 1) * inputRange)
      }
      for index in 0..<direction.recurrent.count {
        weights[direction.recurrent][index] = Float((2 * uniform() - 1) * recurrentRange)
      }
      for index in 0..<direction.bias.count {
        weights[direction.bias][index] = (hidden..<2 * hidden).contains(index) ? 1 : 0
      }
    }
  }
}
