import CKernels
import TensorKit
import Testing

/// The element-wise half of an LSTM step, against the definition.
@Suite struct LSTMStepTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let batch, hidden: Int
    let isFirst: Bool
    let type: ElementType
    var testDescription: String { "\(batch) x \(hidden), \(isFirst ? "first" : "later") step, \(type)" }

    static let all = ElementType.both.flatMap { type in
      [(1, 16, true), (1, 16, false), (3, 48, true), (5, 32, false)].map {
        Case(batch: $0, hidden: $1, isFirst: $2, type: type)
      }
    }

    /// Scores up to 8: deep into where the gates saturate.
    let gates: [Float]
    let cellBefore: [Float]

    init(batch: Int, hidden: Int, isFirst: Bool, type: ElementType) {
      (self.batch, self.hidden, self.isFirst, self.type) = (batch, hidden, isFirst, type)
      gates = seededNumbers(1, batch * 4 * hidden, scale: 8)
      cellBefore = seededNumbers(2, batch * hidden, scale: 2)
    }

    func reference(_ member: Int, _ unit: Int) -> LSTMStepReference {
      LSTMStepReference(
        gates: (0..<4).map { Double(gates[(member * 4 + $0) * hidden + unit]) },
        cellBefore: isFirst ? 0 : Double(cellBefore[member * hidden + unit]))
    }

    /// One number per unit and member.
    func each(_ value: (LSTMStepReference) -> Double) -> [Double] {
      (0..<batch * hidden).map { value(reference($0 / hidden, $0 % hidden)) }
    }

    /// Four numbers per unit and member, as gates stand.
    func eachGate(_ value: (_ reference: LSTMStepReference, _ index: Int) -> [Double]) -> [Double] {
      var result = [Double](repeating: 0, count: batch * 4 * hidden)
      for index in 0..<batch * hidden {
        let (member, unit) = (index / hidden, index % hidden)
        for (gate, number) in value(reference(member, unit), index).enumerated() {
          result[(member * 4 + gate) * hidden + unit] = number
        }
      }
      return result
    }
  }

  /// A forward step by the kernel, its output in the right half of rows twice as long.
  private static func forward(_ test: Case) -> (gates: [Float], cell: [Float], output: Tensor) {
    var gates = test.gates
    var cell = [Float](repeating: 0, count: test.batch * test.hidden)
    let output = Tensor(Shape(time: 1, batch: test.batch, channels: 2 * test.hidden), test.type)
    htr_lstm_step_forward(
      test.type.kernelType, Int32(test.batch), Int32(test.hidden), &gates, test.isFirst ? nil : test.cellBefore, &cell,
      output.address + test.hidden * test.type.bytes, Int64(2 * test.hidden))
    return (gates, cell, output)
  }

  @Test(arguments: Case.all)
  func `the forward step is the definition's`(test: Case) {
    let found = Self.forward(test)
    expectClose(found.gates, test.eachGate { reference, _ in reference.activated }, within: 1e-6)
    expectClose(found.cell, test.each(\.cell), within: 1e-6)
    let output = found.output.values
    let left = output.indices.filter { $0 / test.hidden % 2 == 0 }.map { output[$0] }
    let right = output.indices.filter { $0 / test.hidden % 2 == 1 }.map { output[$0] }
    expectClose(right, test.each(\.output), within: test.type == .float32 ? 2e-6 : 5e-3)
    #expect(left.allSatisfy { $0 == 0 })
  }

  @Test(arguments: Case.all, [false, true])
  func `the backward step is the definition's`(test: Case, isLast: Bool) {
    let (gates, cell, _) = Self.forward(test)
    let count = test.batch * test.hidden
    let dy = seededNumbers(3, 2 * count)
    let next = seededNumbers(4, count)
    var dcell = seededNumbers(5, count)
    let dcellGiven = dcell
    let dgates = Tensor(Shape(time: 1, batch: test.batch, channels: 4 * test.hidden), test.type)
    dy.withUnsafeBufferPointer { dy in
      guard let above = dy.baseAddress else { return }
      htr_lstm_step_backward(
        test.type.kernelType, Int32(test.batch), Int32(test.hidden), gates, test.isFirst ? nil : test.cellBefore, cell,
        above + test.hidden, Int64(2 * test.hidden), isLast ? nil : next, &dcell, dgates.address)
    }
    func expected(_ reference: LSTMStepReference, _ index: Int) -> (gates: [Double], cellBefore: Double) {
      let (member, unit) = (index / test.hidden, index % test.hidden)
      let above = Double(dy[(2 * member + 1) * test.hidden + unit])
      return reference.backward(
        dOutput: above + (isLast ? 0 : Double(next[index])), dCell: Double(dcellGiven[index]))
    }
    expectClose(dgates.values, test.eachGate { expected($0, $1).gates }, within: test.type.tolerance)
    let cells = (0..<count).map { expected(test.reference($0 / test.hidden, $0 % test.hidden), $0).cellBefore }
    expectClose(dcell, cells, within: 2e-5)
  }
}
