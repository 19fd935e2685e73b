public import TensorKit

/// Arrays of a network's layout as named tensors, and back.
extension SafetensorsFile {
  /// One tensor for each parameter.
  public static func tensors(of array: FlatArray, _ layout: ParameterLayout) -> [Tensor] {
    layout.parameters.map { Tensor(name: $0.name, shape: $0.shape, values: array.values(of: $0)) }
  }

  /// One tensor for a whole array: for files that only this program reads, such as checkpoints.
  public static func tensor(_ name: String, whole array: FlatArray) -> Tensor {
    Tensor(
      name: name, shape: [array.count],
      values: [Float](UnsafeBufferPointer(start: array.pointer, count: array.count)))
  }

  /// The numbers of a layout's parameters. Takes memory only for what the file really has.
  ///
  /// - Parameter subject: the file, for messages.
  public func array(_ layout: ParameterLayout, subject: String) throws(ModelFileError) -> FlatArray {
    let known = Dictionary(tensors.map { ($0.name, $0) }) { first, _ in first }
    for parameter in layout.parameters {
      guard let tensor = known[parameter.name] else {
        throw ModelFileError(subject, "it has no tensor \(parameter.name)")
      }
      guard tensor.shape == parameter.shape else {
        throw ModelFileError(subject, "the shape of \(parameter.name) is not the one that config.json asks for")
      }
    }
    let array = FlatArray(count: layout.count)
    for parameter in layout.parameters { array.set(parameter, to: known[parameter.name]?.values ?? []) }
    return array
  }

  /// Fills arrays that were kept whole; either all of them or, when it throws, none.
  public func fill(_ arrays: [(name: String, array: FlatArray)], subject: String) throws(ModelFileError) {
    for (name, array) in arrays where self[name]?.values.count != array.count {
      throw ModelFileError(subject, "\(name) is missing or has another size")
    }
    for (name, array) in arrays {
      for (index, value) in (self[name]?.values ?? []).enumerated() { array.pointer[index] = value }
    }
  }
}
