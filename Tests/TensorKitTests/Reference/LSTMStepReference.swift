import Glibc

/// One step of one long short-term memory cell, gates in the order i, f, g, o, in double.
struct LSTMStepReference {
  /// Before their activation.
  let gates: [Double]
  let cellBefore: Double

  private static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  var activated: [Double] {
    [Self.sigmoid(gates[0]), Self.sigmoid(gates[1]), tanh(gates[2]), Self.sigmoid(gates[3])]
  }

  var cell: Double { activated[1] * cellBefore + activated[0] * activated[2] }
  var output: Double { activated[3] * tanh(cell) }

  /// The gradients at the gates before activation and at the cell before, for those at the output and the cell.
  func backward(dOutput: Double, dCell: Double) -> (gates: [Double], cellBefore: Double) {
    let (i, f, g, o) = (activated[0], activated[1], activated[2], activated[3])
    let squashed = tanh(cell)
    let total = dCell + dOutput * o * (1 - squashed * squashed)
    return (
      [
        total * g * i * (1 - i), total * cellBefore * f * (1 - f), total * i * (1 - g * g),
        dOutput * squashed * o * (1 - o),
      ], total * f
    )
  }
}
