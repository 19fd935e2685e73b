import Glibc

/// Numbers for a whole `ParameterLayout`, in memory that never moves.
///
/// It belongs to one thread at a time, or is read by several; nothing here checks that, and `@unchecked Sendable` says so.
public final class FlatArray: @unchecked Sendable {
  public let count: Int
  public let pointer: UnsafeMutablePointer<Float>

  public init(count: Int) {
    self.count = count
    let bytes = max(64, count * 4)
    pointer = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64).assumingMemoryBound(to: Float.self)
    memset(pointer, 0, bytes)
  }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }

  public func clear() { memset(pointer, 0, count * 4) }

  public func copy(from other: FlatArray) {
    precondition(other.count == count)
    memcpy(pointer, other.pointer, count * 4)
  }

  /// Takes over the mean of arrays of the same size.
  public func takeMean(of others: [FlatArray]) {
    precondition(others.allSatisfy { $0.count == count })
    for index in 0..<count { pointer[index] = others.reduce(0) { $0 + $1.pointer[index] } / Float(others.count) }
  }

  /// A parameter's numbers.
  public subscript(parameter: Parameter) -> UnsafeMutablePointer<Float> { pointer + parameter.offset }

  /// A copy of a parameter's numbers.
  public func values(of parameter: Parameter) -> [Float] {
    [Float](UnsafeBufferPointer(start: self[parameter], count: parameter.count))
  }

  /// - Precondition: as many as the parameter has.
  public func set(_ parameter: Parameter, to values: [Float]) {
    precondition(values.count == parameter.count)
    for (index, value) in values.enumerated() { self[parameter][index] = value }
  }
}
