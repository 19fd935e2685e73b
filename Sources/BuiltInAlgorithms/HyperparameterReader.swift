import WorkerContract

/// Reads typed values from a request's hyperparameters and remembers every fault on the way.
///
/// A user who has made three mistakes learns of all three from one failed job.
public struct HyperparameterReader {
  private let values: [String: PythonValue]
  private var faults: [String] = []

  /// - Parameter values: as the request has them. The SageMaker SDK sends JSON (`"3"` in quotes, `true`), others plain
  ///   text: both are understood. What is meant for SageMaker's own toolkit is left out.
  public init(_ values: [String: String]) {
    self.values = values.filter {
      !$0.key.hasPrefix("sagemaker_") && $0.key != "_tuning_objective_metric"
    }.mapValues { PythonValue(hyperparameter: $0) }
  }

  /// The faults found so far and the names that nobody knows, in the order of names.
  public func faults(known: [String]) -> [String] {
    let unknown = values.keys.filter { !known.contains($0) }.map {
      "\($0) is unknown (there are: \(known.joined(separator: ", ")))"
    }
    return (faults + unknown).sorted()
  }

  public mutating func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
    guard let value = values[name] else { return nil }
    // Clients that have only one kind of number send 3.0.
    let text = value.str.hasSuffix(".0") ? String(value.str.dropLast(2)) : value.str
    guard let number = Int(text), range.contains(number) else {
      faults.append(
        "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound), not \(value.repr.prefix(80))")
      return nil
    }
    return number
  }

  public mutating func number(_ name: String, in range: ClosedRange<Double>) -> Double? {
    guard let value = values[name] else { return nil }
    guard let number = Double(value.str), range.contains(number) else {
      faults.append(
        "\(name) must be a number from \(range.lowerBound) to \(range.upperBound), not \(value.repr.prefix(80))")
      return nil
    }
    return number
  }

  public mutating func flag(_ name: String) -> Bool? {
    guard let value = values[name] else { return nil }
    switch value.str {
    case "True", "true", "1": return true
    case "False", "false", "0": return false
    default:
      faults.append("\(name) must be true or false, not \(value.repr.prefix(80))")
      return nil
    }
  }

  public func text(_ name: String) -> String? { values[name]?.str }

  /// Notes a fault that only the algorithm can see.
  public mutating func refuse(_ name: String, _ reason: String) { faults.append("\(name) \(reason)") }
}
