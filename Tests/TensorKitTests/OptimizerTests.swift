import CKernels
import TensorKit
import Testing

/// AdamW and the sums around it.
@Suite struct OptimizerTests {
  private static func layout() -> ParameterLayout {
    var layout = ParameterLayout()
    _ = layout.add("weight", [3, 7], decays: true)
    _ = layout.add("bias", [5])
    _ = layout.add("large", [40, 20], decays: true)
    return layout
  }

  private static func filled(_ layout: ParameterLayout, seed: UInt64) -> FlatArray {
    let array = FlatArray(count: layout.count)
    for (index, parameter) in layout.parameters.enumerated() {
      array.set(parameter, to: seededNumbers(seed + UInt64(index), parameter.count))
    }
    return array
  }

  @Test(arguments: [1e9, 0.5])
  func `steps are the paper's, number by number`(longest: Double) {
    let layout = Self.layout()
    let weights = Self.filled(layout, seed: 1)
    let optimizer = AdamW(layout, weights: weights, settings: .init(weightDecay: 0.1, longestGradient: longest))
    var references = layout.parameters.map { weights.values(of: $0).map { AdamWReference(weight: Double($0)) } }
    for step in 0..<6 {
      let gradient = Self.filled(layout, seed: UInt64(100 * (step + 1)))
      let share = layout.parameters[...]
      let squares = optimizer.reduce(share, [gradient])
      let rate = 0.01 / Double(step + 1)
      let given = layout.parameters.map { gradient.values(of: $0).doubles }
      let length = given.joined().reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(abs(squares.squareRoot() - length) < 1e-5 * length)
      optimizer.update(share, gradient: gradient, squares: squares, learningRate: Float(rate))
      optimizer.step += 1
      let number = Double(step + 1)
      for (index, parameter) in layout.parameters.enumerated() {
        for place in 0..<parameter.count {
          references[index][place].step(
            gradient: given[index][place] * min(1, longest / length), learningRate: rate,
            weightDecay: parameter.decays ? 0.1 : 0, averageDecay: min(0.999, (1 + number) / (10 + number)))
        }
      }
    }
    for (index, parameter) in layout.parameters.enumerated() {
      expectClose(weights.values(of: parameter), references[index].map(\.weight), within: 1e-5)
      expectClose(optimizer.moment1.values(of: parameter), references[index].map(\.moment1), within: 1e-5)
      expectClose(optimizer.moment2.values(of: parameter), references[index].map(\.moment2), within: 1e-5)
      expectClose(optimizer.average.values(of: parameter), references[index].map(\.average), within: 1e-5)
    }
  }

  @Test(arguments: 1...6)
  func `shares cover every parameter once, in order`(count: Int) {
    let layout = Self.layout()
    let optimizer = AdamW(layout, weights: FlatArray(count: layout.count), settings: .init())
    let shares = optimizer.shares(count)
    #expect(shares.count <= count)
    #expect(shares.flatMap { Array($0) } == layout.parameters)
  }

  @Test func `replicas' gradients are added up in order into the first`() {
    let layout = Self.layout()
    let optimizer = AdamW(layout, weights: FlatArray(count: layout.count), settings: .init())
    let gradients = (0..<3).map { Self.filled(layout, seed: UInt64(10 * $0 + 1)) }
    let given = gradients.map { array in layout.parameters.map { array.values(of: $0) } }
    for share in optimizer.shares(2) { _ = optimizer.reduce(share, gradients) }
    for (index, parameter) in layout.parameters.enumerated() {
      let expected = (0..<parameter.count).map { given[0][index][$0] + given[1][index][$0] + given[2][index][$0] }
      #expect(gradients[0].values(of: parameter) == expected)
      #expect(gradients[1].values(of: parameter) == given[1][index])
    }
  }

  @Test(arguments: [0, 1, 15, 16, 17, 4_095, 4_097, 9_000])
  func `the sum of squares counts every number`(count: Int) {
    let x = seededNumbers(3, count)
    let expected = x.doubles.reduce(0) { $0 + $1 * $1 }
    #expect(abs(htr_square_sum(Int64(count), x) - expected) <= 1e-6 * expected)
  }
}
