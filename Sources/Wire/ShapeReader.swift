public import JSONKit

/// Reads a request against the constraints of its shape and collects every fault in AWS's words, so that a caller learns
/// all of them at once.
///
/// A wrong JSON type is another matter: it is a SerializationException, thrown at the end before any constraint.
public struct ShapeReader {
  private var faults: [String] = []
  private var typeFaults: [String] = []
  private let fromText: Bool

  /// - Parameter fromText: for requests of the query protocol, whose numbers and truth values are texts.
  public init(fromText: Bool = false) { self.fromText = fromText }

  /// For a whole request; throws when that is no structure.
  public init(request: JSON, fromText: Bool = false) throws(ServiceError) {
    self.init(fromText: fromText)
    guard request.object != nil else { throw ServiceError(.serialization, "the request must be a JSON object") }
  }

  /// A rule that a string must keep, with the pattern as AWS prints it.
  public struct Rule: Sendable {
    let pattern: String
    let holds: @Sendable (String) -> Bool

    public init(_ pattern: String, _ holds: @escaping @Sendable (String) -> Bool) {
      self.pattern = pattern
      self.holds = holds
    }
  }

  /// Throws what was found, if anything: first types, then constraints, each message naming the member.
  public func finish() throws(ServiceError) {
    if !typeFaults.isEmpty { throw ServiceError(.serialization, typeFaults.joined(separator: "; ")) }
    guard !faults.isEmpty else { return }
    let count = faults.count == 1 ? "1 validation error" : "\(faults.count) validation errors"
    throw .validation("\(count) detected: \(faults.prefix(20).joined(separator: "; "))")
  }

  public mutating func fault(_ text: String) { faults.append(text) }

  public mutating func fault(_ value: String?, at path: String, _ constraint: String) {
    let shown = value.map { "'\($0.count > 200 ? $0.prefix(200) + "…" : $0[...])'" } ?? "null"
    faults.append("Value \(shown) at '\(path)' failed to satisfy constraint: \(constraint)")
  }

  /// A required member's absence is a fault; an explicit null counts as absent.
  private mutating func member(_ parent: JSON?, _ name: String, _ path: String, required: Bool) -> JSON? {
    if let value = parent?[name], !value.isNull { return value }
    if required { fault(nil, at: path, "Member must not be null") }
    return nil
  }

  private mutating func wrongType(_ path: String, expected: String) {
    typeFaults.append("\(path) must be \(expected)")
  }

  public mutating func string(
    _ parent: JSON?, _ name: String, at path: String, required: Bool = false,
    length: ClosedRange<Int> = 0...1024, rule: Rule? = nil
  ) -> String? {
    guard let value = member(parent, name, path, required: required) else { return nil }
    guard let text = value.string else {
      wrongType(path, expected: "a string")
      return nil
    }
    check(text, at: path, length: length, rule: rule)
    return text
  }

  public mutating func check(
    _ text: String, at path: String, length: ClosedRange<Int>, rule: Rule? = nil
  ) {
    let count = text.unicodeScalars.count
    if count > length.upperBound {
      fault(text, at: path, "Member must have length less than or equal to \(length.upperBound)")
    } else if count < length.lowerBound {
      fault(text, at: path, "Member must have length greater than or equal to \(length.lowerBound)")
    } else if let rule, !rule.holds(text) {
      fault(text, at: path, "Member must satisfy regular expression pattern: \(rule.pattern)")
    }
  }

  public mutating func choice(
    _ parent: JSON?, _ name: String, at path: String, of allowed: [String], required: Bool = false
  ) -> String? {
    guard let text = string(parent, name, at: path, required: required) else { return nil }
    guard allowed.contains(text) else {
      fault(text, at: path, "Member must satisfy enum value set: [\(allowed.joined(separator: ", "))]")
      return nil
    }
    return text
  }

  public mutating func integer(
    _ parent: JSON?, _ name: String, at path: String, in range: ClosedRange<Int64>,
    required: Bool = false
  ) -> Int64? {
    guard let value = member(parent, name, path, required: required) else { return nil }
    guard let number = value.integer ?? (fromText ? value.string.flatMap { Int64($0) } : nil) else {
      wrongType(path, expected: "an integer")
      return nil
    }
    if number < range.lowerBound {
      fault("\(number)", at: path, "Member must have value greater than or equal to \(range.lowerBound)")
    } else if number > range.upperBound {
      fault("\(number)", at: path, "Member must have value less than or equal to \(range.upperBound)")
    }
    return number
  }

  public mutating func number(
    _ parent: JSON?, _ name: String, at path: String, in range: ClosedRange<Double>
  ) -> Double? {
    guard let value = member(parent, name, path, required: false) else { return nil }
    guard let number = value.number ?? (fromText ? value.string.flatMap { Double($0) } : nil) else {
      wrongType(path, expected: "a number")
      return nil
    }
    // Asked this way round so that NaN, which no JSON text holds but a value made in code can, is a fault as well.
    if !(number >= range.lowerBound) {
      fault("\(number)", at: path, "Member must have value greater than or equal to \(range.lowerBound)")
    } else if number > range.upperBound {
      fault("\(number)", at: path, "Member must have value less than or equal to \(range.upperBound)")
    }
    return number
  }

  /// Epoch seconds, with or without a fraction; in a request of the query protocol a date of ISO 8601.
  public mutating func seconds(_ parent: JSON?, _ name: String, at path: String) -> Double? {
    guard let value = member(parent, name, path, required: false) else { return nil }
    let dated = fromText ? value.string.flatMap(CalendarDate.seconds) : nil
    guard let number = value.number ?? dated, abs(number) < 1e12 else {
      wrongType(path, expected: "a time in epoch seconds")
      return nil
    }
    return number
  }

  public mutating func flag(_ parent: JSON?, _ name: String, at path: String) -> Bool? {
    guard let value = member(parent, name, path, required: false) else { return nil }
    guard let flag = value.bool ?? (fromText ? value.string.flatMap { Bool($0) } : nil) else {
      wrongType(path, expected: "true or false")
      return nil
    }
    return flag
  }

  public mutating func structure(
    _ parent: JSON?, _ name: String, at path: String, required: Bool = false
  ) -> JSON? {
    guard let value = member(parent, name, path, required: required) else { return nil }
    guard value.object != nil else {
      wrongType(path, expected: "a structure")
      return nil
    }
    return value
  }

  public mutating func list(
    _ parent: JSON?, _ name: String, at path: String, count: ClosedRange<Int>, required: Bool = false
  ) -> [JSON]? {
    guard let value = member(parent, name, path, required: required) else { return nil }
    guard let items = value.array else {
      wrongType(path, expected: "a list")
      return nil
    }
    if items.count > count.upperBound {
      fault("\(items.count) items", at: path, "Member must have length less than or equal to \(count.upperBound)")
      return Array(items.prefix(count.upperBound))
    }
    if items.count < count.lowerBound {
      fault("\(items.count) items", at: path, "Member must have length greater than or equal to \(count.lowerBound)")
    }
    return items
  }

  /// A list of structures, each with the path that faults in it are told at.
  public mutating func structures(
    _ parent: JSON?, _ name: String, at path: String, count: ClosedRange<Int>, required: Bool = false
  ) -> [(path: String, item: JSON)]? {
    guard let items = list(parent, name, at: path, count: count, required: required) else { return nil }
    return items.enumerated().compactMap { index, item in
      let path = "\(path).\(index + 1).member"
      guard item.object != nil else {
        wrongType(path, expected: "a structure")
        return nil
      }
      return (path, item)
    }
  }

  public mutating func strings(
    _ parent: JSON?, _ name: String, at path: String, count: ClosedRange<Int>,
    length: ClosedRange<Int>, required: Bool = false
  ) -> [String]? {
    guard let items = list(parent, name, at: path, count: count, required: required) else { return nil }
    return items.enumerated().compactMap { index, item in
      guard let text = item.string else {
        wrongType("\(path).\(index + 1).member", expected: "a string")
        return nil
      }
      check(text, at: "\(path).\(index + 1).member", length: length)
      return text
    }
  }

  public mutating func map(
    _ parent: JSON?, _ name: String, at path: String, maximumCount: Int, keyLength: ClosedRange<Int>,
    keyRule: Rule? = nil, valueLength: ClosedRange<Int>
  ) -> [String: String]? {
    guard let value = structure(parent, name, at: path), let object = value.object else { return nil }
    if object.count > maximumCount {
      fault("\(object.count) entries", at: path, "Member must have length less than or equal to \(maximumCount)")
      return nil
    }
    var result: [String: String] = [:]
    for (key, item) in object.members {
      check(key, at: "\(path).key", length: keyLength, rule: keyRule)
      guard let text = item.string else {
        wrongType("\(path).\(key)", expected: "a string")
        continue
      }
      check(text, at: "\(path).\(key).member", length: valueLength)
      result[key] = text
    }
    return result
  }

  /// Refuses members that exist in SageMaker's API but are not built here: accepting them silently would promise
  /// something that does not happen.
  public mutating func refuse(_ parent: JSON?, _ names: [String: String], at path: String) {
    guard let object = parent?.object else { return }
    for (name, reason) in names.sorted(by: { $0.key < $1.key }) {
      guard let value = object[name], !value.isEmptyValue else { continue }
      faults.append("\(path)\(name) is not supported by htr: \(reason)")
    }
  }
}

extension JSON {
  /// Nothing is asked: null, false, an empty text, list or structure.
  fileprivate var isEmptyValue: Bool {
    switch self {
    case .null, .bool(false): true
    case .string(let text): text.isEmpty
    case .array(let items): items.isEmpty
    case .object(let object): object.isEmpty
    default: false
    }
  }

  /// Without members that are null: to AWS they are the same as absent ones, and no answer echoes them.
  var withoutNulls: JSON {
    switch self {
    case .array(let items): .array(items.map(\.withoutNulls))
    case .object(let object):
      .object(Object(object.members.filter { !$0.value.isNull }.map { ($0.key, $0.value.withoutNulls) }))
    default: self
    }
  }
}
