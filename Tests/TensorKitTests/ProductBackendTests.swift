import TensorKit
import Testing

/// Matrix products of all backends against the definition, in double.
@Suite struct ProductBackendTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let shape: ProductShape
    var testDescription: String { "\(name): \(shape.m) x \(shape.n) x \(shape.k)" }

    /// Numbers that A, B and C need in memory.
    var aCount: Int { (shape.m - 1) * shape.aRow + (shape.k - 1) * shape.aColumn + 1 }
    var bCount: Int { (shape.k - 1) * shape.bRow + (shape.n - 1) * shape.bColumn + 1 }
    var cCount: Int { shape.m * shape.cRow }

    /// C, with what it held before where the shape leaves gaps or adds.
    func expected(_ a: [Double], _ b: [Double], before: [Float]) -> [Double] {
      var c = before.doubles
      for row in 0..<shape.m {
        for column in 0..<shape.n {
          let sum = (0..<shape.k).reduce(0.0) { sum, inner in
            sum + a[row * shape.aRow + inner * shape.aColumn] * b[inner * shape.bRow + column * shape.bColumn]
          }
          c[row * shape.cRow + column] = sum + (shape.accumulates ? c[row * shape.cRow + column] : 0)
        }
      }
      return c
    }
  }

  static let cases: [Case] = [
    Case(name: "plain", shape: ProductShape(m: 5, n: 7, k: 9, aRow: 9, bRow: 7, cRow: 7)),
    Case(name: "one row", shape: ProductShape(m: 1, n: 64, k: 16, aRow: 16, bRow: 64, cRow: 64)),
    Case(
      name: "one frame", shape: ProductShape(m: 1, n: 5, k: 32, aRow: 32, bRow: 1, bColumn: 32, cRow: 5, packsB: true)),
    Case(
      name: "B transposed and packed",
      shape: ProductShape(m: 6, n: 64, k: 24, aRow: 24, bRow: 1, bColumn: 24, cRow: 64, packsB: true)),
    Case(
      name: "LSTM recurrence",
      shape: ProductShape(
        m: 3, n: 64, k: 16, aRow: 32, bRow: 1, bColumn: 16, cRow: 64, accumulates: true, packsB: true)),
    Case(
      name: "gates to hidden", shape: ProductShape(m: 3, n: 16, k: 64, aRow: 64, bRow: 16, cRow: 16, packsB: true)),
    Case(
      name: "weights' gradient", shape: ProductShape(m: 64, n: 16, k: 10, aRow: 1, aColumn: 64, bRow: 32, cRow: 16)),
    Case(
      name: "weights' gradient, one row of time",
      shape: ProductShape(m: 12, n: 8, k: 1, aRow: 1, aColumn: 12, bRow: 8, cRow: 8)),
    Case(
      name: "added to what is there",
      shape: ProductShape(m: 4, n: 6, k: 5, aRow: 5, bRow: 6, cRow: 6, accumulates: true)),
    Case(name: "rows with gaps", shape: ProductShape(m: 4, n: 6, k: 5, aRow: 11, bRow: 8, cRow: 9)),
  ]

  @Test(arguments: TestedBackend.allCases, cases)
  func `products are the definition's`(tested: TestedBackend, test: Case) throws {
    let backend = try tested.make()
    let a = Tensor(Shape(time: 1, batch: 1, channels: test.aCount), backend.elementType, seed: 1)
    let b = Tensor(
      Shape(time: 1, batch: 1, channels: test.bCount), test.shape.packsB ? .float32 : backend.elementType, seed: 2)
    let c = Tensor(Shape(time: 1, batch: 1, channels: test.cCount), seed: 3)
    let before = c.values
    let product = try backend.product(test.shape)
    if test.shape.packsB {
      product.pack(b.floats)
      product.run(a.address, nil, c.floats)
    } else {
      product.run(a.address, b.address, c.floats)
    }
    // Unless B is packed (and rounded then), the expected number is of the rounded inputs: bfloat16 costs nothing here.
    let tolerance = test.shape.packsB ? tested.tolerance : 1e-5
    expectClose(c.values, test.expected(a.doubles, b.doubles, before: before), within: tolerance)
    for row in 0..<test.shape.m {
      let gap = row * test.shape.cRow + test.shape.n..<(row + 1) * test.shape.cRow
      #expect(c.values[gap] == before[gap])
    }
  }

  @Test(arguments: TestedBackend.allCases)
  func `packing again takes the new weights over`(tested: TestedBackend) throws {
    let backend = try tested.make()
    let test = Self.cases[3]
    let a = Tensor(Shape(time: 1, batch: 1, channels: test.aCount), backend.elementType, seed: 1)
    let b = Tensor(Shape(time: 1, batch: 1, channels: test.bCount), seed: 2)
    let c = Tensor(Shape(time: 1, batch: 1, channels: test.cCount))
    let product = try backend.product(test.shape)
    for seed in [UInt64(2), 5] {
      b.values = seededNumbers(seed, test.bCount)
      product.pack(b.floats)
      product.run(a.address, nil, c.floats)
      expectClose(c.values, test.expected(a.doubles, b.doubles, before: c.values), within: tested.tolerance)
    }
  }
}
