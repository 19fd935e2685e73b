/// Convolution without bias, batch norm, ReLU and max pooling as one unit: the norm, the ReLU and the pool are one pass
/// over memory each way. In inference the norm is folded into the convolution.
public final class ConvolutionUnit {
  public let weight: Parameter
  public let gamma: Parameter
  public let beta: Parameter
  /// In the layout of statistics.
  public let runningMean: Parameter
  public let runningVariance: Parameter

  let inputChannels: Int
  let outputChannels: Int
  let kernel: Int
  let stride: Int
  let poolHeight: Int
  let poolWidth: Int

  /// - Parameters:
  ///   - inputChannels: 1, or a multiple of 16.
  ///   - outputChannels: a multiple of 16.
  ///   - kernel: of the window, odd; padded by half of it. With one input channel 3.
  ///   - stride: divides the picture's sides. With one input channel 1.
  ///   - pool: height and width of the pooling window, which divide the picture's.
  public init(
    _ name: String, _ layout: inout ParameterLayout, _ statistics: inout ParameterLayout, inputChannels: Int,
    outputChannels: Int, kernel: Int = 3, stride: Int = 1, pool: (height: Int, width: Int) = (1, 1)
  ) {
    precondition(outputChannels % 16 == 0 && (inputChannels == 1 || inputChannels % 16 == 0))
    precondition(kernel % 2 == 1 && (inputChannels > 1 || kernel == 3 && stride == 1))
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride
    (poolHeight, poolWidth) = pool
    weight = layout.add("\(name).conv.weight", [outputChannels, inputChannels, kernel, kernel], decays: true)
    gamma = layout.add("\(name).norm.weight", [outputChannels])
    beta = layout.add("\(name).norm.bias", [outputChannels])
    runningMean = statistics.add("\(name).norm.running_mean", [outputChannels])
    runningVariance = statistics.add("\(name).norm.running_var", [outputChannels])
  }

  /// The convolution that the unit is for pictures of a shape.
  func convolution(_ input: Shape) -> ConvolutionShape {
    ConvolutionShape(
      input: input, outputChannels: outputChannels, kernel: kernel, stride: stride, padding: kernel / 2)
  }

  public func outputShape(_ input: Shape) -> Shape {
    var shape = convolution(input).output
    shape.height /= poolHeight
    shape.width /= poolWidth
    return shape
  }

  /// Weights as He et al. 2015 start them for ReLU networks; the norm as the identity.
  public func start(_ weights: FlatArray, _ statistics: FlatArray, _ normal: () -> Double) {
    let deviation = (2 / Double(inputChannels * kernel * kernel)).squareRoot()
    for index in 0..<weight.count { weights[weight][index] = Float(normal() * deviation) }
    for channel in 0..<outputChannels {
      weights[gamma][channel] = 1
      weights[beta][channel] = 0
      statistics[runningMean][channel] = 0
      statistics[runningVariance][channel] = 1
    }
  }
}
