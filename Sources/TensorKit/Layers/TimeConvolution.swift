/// A convolution along time with a window of `kernel` steps: with 1 it is a linear layer. Output is float32.
public final class TimeConvolution {
  public let weight: Parameter
  public let bias: Parameter
  let inputSize: Int
  let outputSize: Int
  let kernel: Int

  /// - Parameter kernel: odd. The weight is [kernel, output, input]: each tap a linear layer's.
  public init(_ name: String, _ layout: inout ParameterLayout, input: Int, output: Int, kernel: Int = 1) {
    precondition(kernel % 2 == 1)
    inputSize = input
    outputSize = output
    self.kernel = kernel
    weight = layout.add("\(name).weight", kernel == 1 ? [output, input] : [kernel, output, input], decays: true)
    bias = layout.add("\(name).bias", [output])
  }

  public func start(_ weights: FlatArray, _ uniform: () -> Double) {
    let range = 1 / Double(inputSize * kernel).squareRoot()
    for index in 0..<weight.count { weights[weight][index] = Float((2 * uniform() - 1) * range) }
    for index in 0..<bias.count { weights[bias][index] = 0 }
  }
}
