/// A named array of numbers inside one flat array.
public struct Parameter: Sendable, Hashable {
  public let name: String
  /// As PyTorch has it: [out, in, height, width], [out, in], [4 hidden, in], [n].
  public let shape: [Int]
  public let offset: Int
  /// Whether weight decay applies (not to biases and norms).
  public let decays: Bool

  public var count: Int { shape.reduce(1, *) }
  public var range: Range<Int> { offset..<offset + count }
}

/// Which parameters a network has and where each stands in a flat array. Weights, gradients, moments and averages are
/// such arrays, so that an optimiser, a checkpoint or a sum over replicas is one loop.
public struct ParameterLayout: Sendable, Equatable {
  public private(set) var parameters: [Parameter] = []
  public private(set) var count = 0

  public init() {}

  /// Adds a parameter at the next free place.
  public mutating func add(_ name: String, _ shape: [Int], decays: Bool = false) -> Parameter {
    let parameter = Parameter(name: name, shape: shape, offset: count, decays: decays)
    parameters.append(parameter)
    // On cache lines of their own, so that vector loops and replicas start aligned.
    count += (parameter.count + 15) / 16 * 16
    return parameter
  }
}
