import HostKit
import TensorKit
import Testing

/// Evenly spread numbers in -scale...scale; the same as `numbers` in Golden/make_golden.py.
func seededNumbers(_ seed: UInt64, _ count: Int, scale: Double = 1) -> [Float] {
  var random = SeededRandom(seed: seed)
  return (0..<count).map { _ in Float(scale * (2 * random.uniform() - 1)) }
}

extension Tensor {
  /// A tensor of these numbers, rounded to its type.
  convenience init(_ shape: Shape, _ type: ElementType = .float32, _ values: [Float]) {
    self.init(shape, type)
    self.values = values
  }

  /// A tensor of evenly spread numbers, rounded to its type.
  convenience init(_ shape: Shape, _ type: ElementType = .float32, seed: UInt64, scale: Double = 1) {
    self.init(shape, type, seededNumbers(seed, shape.count, scale: scale))
  }

  var doubles: [Double] { values.map(Double.init) }
}

extension [Float] {
  var doubles: [Double] { map(Double.init) }
}

extension ElementType {
  static let both: [ElementType] = [.float32, .bfloat16]

  /// How far a kernel may be from a reference that computes in double from the same (rounded) inputs, as a share of the
  /// largest number: a few roundings of float32, or the one of a bfloat16 result (2^-9) with some room.
  var tolerance: Double { self == .float32 ? 2e-5 : 5e-3 }
}

/// The largest difference, as a share of the largest expected number.
func relativeDistance(_ found: some Collection<Float>, _ expected: some Collection<Double>) -> Double {
  guard found.count == expected.count else { return .infinity }
  var (distance, largest) = (0.0, 1e-12)
  for (found, expected) in zip(found, expected) {
    let difference = abs(Double(found) - expected)
    distance = difference.isNaN ? .infinity : max(distance, difference)
    largest = max(largest, abs(expected))
  }
  return distance / largest
}

func expectClose(
  _ found: some Collection<Float>, _ expected: some Collection<Double>, within tolerance: Double,
  _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  let distance = relativeDistance(found, expected)
  #expect(distance <= tolerance, "\(what)", sourceLocation: sourceLocation)
}
