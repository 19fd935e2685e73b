import CKernels
import Glibc
import Synchronization

/// AdamW (Loshchilov, Hutter 2019) over flat arrays, with an exponential average of the weights for evaluation.
public final class AdamW {
  /// What is the same in every step.
  public struct Settings: Sendable, Equatable {
    public var beta1: Float = 0.9
    public var beta2: Float = 0.98
    public var epsilon: Float = 1e-8
    public var weightDecay: Float
    /// Gradients are scaled down to this Euclidean length.
    public var longestGradient: Double
    /// How much of the average stays in each step, once it has seen enough of them.
    public var averageDecay: Float = 0.999

    public init(weightDecay: Float = 1e-2, longestGradient: Double = 1) {
      self.weightDecay = weightDecay
      self.longestGradient = longestGradient
    }
  }

  public let settings: Settings
  public let weights: FlatArray
  public let moment1: FlatArray
  public let moment2: FlatArray
  /// The average of the weights.
  public let average: FlatArray
  /// Steps done.
  public var step = 0
  private let parameters: [Parameter]

  /// - Parameter weights: already started; the average begins with them.
  public init(_ layout: ParameterLayout, weights: FlatArray, settings: Settings) {
    parameters = layout.parameters
    self.weights = weights
    self.settings = settings
    moment1 = FlatArray(count: weights.count)
    moment2 = FlatArray(count: weights.count)
    average = FlatArray(count: weights.count)
    average.copy(from: weights)
  }

  /// The parameters in as many runs of about equal size as there are threads.
  public func shares(_ count: Int) -> [ArraySlice<Parameter>] {
    let total = parameters.reduce(0) { $0 + $1.count }
    var shares: [ArraySlice<Parameter>] = []
    var (start, seen) = (0, 0)
    for (index, parameter) in parameters.enumerated() {
      seen += parameter.count
      if seen * count >= total * (shares.count + 1) || index == parameters.count - 1 {
        shares.append(parameters[start...index])
        start = index + 1
      }
    }
    return shares
  }

  /// One step from the replicas' gradients, side by side on as many threads: they are added up in order, so that the
  /// result does not depend on which thread is faster.
  ///
  /// A step with no finite gradient would teach nothing and spoil the weights for good: then nothing changes.
  /// - Parameters:
  ///   - shares: as `shares` gives them for as many threads.
  ///   - gradients: one array for each replica; the first gets the sum.
  /// - Returns: the sum of the gradient's squares.
  public func update(
    _ gradients: [FlatArray], shares: [ArraySlice<Parameter>], learningRate: Float
  ) -> Double {
    let partial = Mutex([Double](repeating: 0, count: shares.count))
    let work = UncheckedUpdate(optimizer: self, gradients: gradients, shares: shares)
    runSideBySide(shares.count) { index in
      let squares = work.optimizer.reduce(work.shares[index], work.gradients)
      partial.withLock { $0[index] = squares }
    }
    let squares = partial.withLock { $0.reduce(0, +) }
    guard squares.isFinite else { return squares }
    runSideBySide(shares.count) { index in
      work.optimizer.update(
        work.shares[index], gradient: work.gradients[0], squares: squares, learningRate: learningRate)
    }
    step += 1
    return squares
  }

  /// Adds the replicas' gradients up, in order, into the first; the sum of its squares.
  public func reduce(_ share: ArraySlice<Parameter>, _ gradients: [FlatArray]) -> Double {
    var squares = 0.0
    for parameter in share {
      for other in gradients.dropFirst() {
        htr_accumulate(Int64(parameter.count), other[parameter], gradients[0][parameter])
      }
      squares += htr_square_sum(Int64(parameter.count), gradients[0][parameter])
    }
    return squares
  }

  /// - Parameters:
  ///   - gradient: the sum over replicas.
  ///   - squares: of the whole gradient.
  ///   - learningRate: of this step.
  public func update(_ share: ArraySlice<Parameter>, gradient: FlatArray, squares: Double, learningRate: Float) {
    let length = squares.squareRoot()
    let number = Float(step + 1)
    for parameter in share {
      var one = htr_adamw_step(
        learning_rate: learningRate, beta1: settings.beta1, beta2: settings.beta2, epsilon: settings.epsilon,
        weight_decay: parameter.decays ? settings.weightDecay : 0,
        correction1: 1 - powf(settings.beta1, number), correction2: 1 - powf(settings.beta2, number),
        gradient_scale: length > settings.longestGradient ? Float(settings.longestGradient / length) : 1,
        // Early on the average would remember mostly the random start.
        average_decay: min(settings.averageDecay, (1 + number) / (10 + number)))
      htr_adamw(
        &one, Int64(parameter.count), gradient[parameter], weights[parameter], moment1[parameter],
        moment2[parameter], average[parameter])
    }
  }
}

/// What the threads of one update share.
///
/// Proof of `@unchecked Sendable`: each share of the parameters is one thread's, and the caller waits for all.
private struct UncheckedUpdate: @unchecked Sendable {
  let optimizer: AdamW
  let gradients: [FlatArray]
  let shares: [ArraySlice<Parameter>]
}
