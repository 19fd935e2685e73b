import HostKit
import Testing

/// A derivative measured by moving one number both ways.
struct FiniteDifference {
  /// Measured with a whole and with half a step: where they differ, a ReLU or a maximum has its kink in between and the
  /// number is nothing to compare with.
  let wide: Double
  let narrow: Double

  init(of number: UnsafeMutablePointer<Float>, step: Float, _ loss: () throws -> Double) throws {
    let given = number.pointee
    defer { number.pointee = given }
    func slope(_ step: Float) throws -> Double {
      number.pointee = given + step
      let (high, above) = (Double(number.pointee), try loss())
      number.pointee = given - step
      return (above - (try loss())) / (high - Double(number.pointee))
    }
    wide = try slope(step)
    narrow = try slope(step / 2)
  }

  func isSmooth(_ scale: Double) -> Bool { abs(wide - narrow) < 5e-3 * max(abs(narrow), scale) }
}

/// Compares some of an array's gradient with finite differences.
///
/// - Parameters:
///   - analytic: the gradient by the backward pass.
///   - count: how many places to look at.
/// - Returns: how many were smooth enough to be compared.
func compareGradient(
  _ what: String, at numbers: UnsafeMutablePointer<Float>, analytic: [Float], count: Int, seed: UInt64,
  sourceLocation: SourceLocation = #_sourceLocation, loss: () throws -> Double
) throws -> (compared: Int, tried: Int) {
  var random = SeededRandom(seed: seed)
  let places = Array(analytic.indices).shuffled(using: &random).prefix(count)
  // Small derivatives are held against the array's usual size: they are differences of large sums.
  let scale = (analytic.doubles.reduce(0) { $0 + $1 * $1 } / Double(max(1, analytic.count))).squareRoot()
  var compared = 0
  for place in places {
    let measured = try FiniteDifference(of: numbers + place, step: 1e-2, loss)
    guard measured.isSmooth(scale) else { continue }
    compared += 1
    let distance = abs(measured.narrow - Double(analytic[place])) / max(abs(measured.narrow), scale)
    #expect(
      distance < 1e-2, "\(what)[\(place)]: measured \(measured.narrow), computed \(analytic[place])",
      sourceLocation: sourceLocation)
  }
  return (compared, places.count)
}
