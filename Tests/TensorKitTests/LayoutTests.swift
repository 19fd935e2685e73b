import TensorKit
import Testing

/// Flat arrays and the parameters in them.
@Suite struct LayoutTests {
  private static func layout() -> ParameterLayout {
    var layout = ParameterLayout()
    _ = layout.add("a", [3, 5], decays: true)
    _ = layout.add("b", [17])
    _ = layout.add("c", [2, 2, 2, 2])
    return layout
  }

  @Test func `parameters stand one after another on cache lines of their own`() {
    let layout = Self.layout()
    #expect(layout.parameters.map(\.offset) == [0, 16, 48])
    #expect(layout.count == 64)
    #expect(layout.parameters.map(\.decays) == [true, false, false])
    #expect(zip(layout.parameters, layout.parameters.dropFirst()).allSatisfy { $0.range.upperBound <= $1.offset })
  }

  @Test func `a copy has the same numbers in other memory`() {
    let layout = Self.layout()
    let (from, to) = (FlatArray(count: layout.count), FlatArray(count: layout.count))
    from.set(layout.parameters[1], to: seededNumbers(3, 17))
    to.copy(from: from)
    from.clear()
    #expect(to.values(of: layout.parameters[1]) == seededNumbers(3, 17))
    #expect(from.values(of: layout.parameters[1]).allSatisfy { $0 == 0 })
  }

  @Test func `a tensor takes any shape that fits`() {
    let tensor = Tensor(Shape(batch: 2, height: 3, width: 4, channels: 5), .bfloat16)
    #expect(tensor.capacity == 120)
    tensor.reshape(Shape(time: 4, batch: 2, channels: 7))
    #expect(tensor.shape.rows == 8 && tensor.shape.count == 56 && tensor.values.count == 56)
    #expect(tensor.row(3) == tensor.address + 3 * 7 * 2)
  }
}
