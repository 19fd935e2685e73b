extension FlatArray {
  /// Copies what `find` knows of each parameter, and tells which it did not know or knew in another shape.
  ///
  /// - Parameter find: a parameter's shape and numbers by its name.
  /// - Returns: names that keep what they had.
  public func fill(
    _ layout: ParameterLayout, from find: (String) -> (shape: [Int], values: [Float])?
  ) -> (missing: [String], misshapen: [String]) {
    var (missing, misshapen): ([String], [String]) = ([], [])
    for parameter in layout.parameters {
      guard let found = find(parameter.name) else {
        missing.append(parameter.name)
        continue
      }
      guard found.shape == parameter.shape else {
        misshapen.append(parameter.name)
        continue
      }
      set(parameter, to: found.values)
    }
    return (missing, misshapen)
  }
}
