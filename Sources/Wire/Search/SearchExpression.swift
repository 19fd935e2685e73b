public import JSONKit

/// What a record must be like, as SageMaker's Search asks it: filters, nested filters and further expressions, joined by
/// And or Or. (Amazon SageMaker API Reference, SearchExpression.)
public indirect enum SearchExpression: Sendable, Equatable {
  case filter(SearchFilter)
  /// Some element of the list at that place satisfies all filters, whose names begin at the same place.
  case nested(place: [String], filters: [SearchFilter])
  case all([SearchExpression])
  case any([SearchExpression])

  /// - Parameter record: as Describe answers it, with its tags.
  public func matches(_ record: JSON) -> Bool {
    switch self {
    case .filter(let filter): filter.matches(record)
    case .nested(let place, let filters):
      record.values(at: place[...]).contains { element in
        filters.allSatisfy { $0.without(place).matches(element) }
      }
    case .all(let parts): parts.allSatisfy { $0.matches(record) }
    case .any(let parts): parts.contains { $0.matches(record) }
    }
  }
}

/// One condition: a property, an operator and, unless it asks only whether the property is there, a value.
public struct SearchFilter: Sendable, Equatable {
  public enum Operator: String, Sendable, CaseIterable {
    case equals = "Equals"
    case notEquals = "NotEquals"
    case greater = "GreaterThan"
    case greaterOrEqual = "GreaterThanOrEqualTo"
    case less = "LessThan"
    case lessOrEqual = "LessThanOrEqualTo"
    case contains = "Contains"
    case exists = "Exists"
    case notExists = "NotExists"
    /// One of the values, which commas part.
    case among = "In"
  }

  /// The property's name by its dots. `Tags.KEY` and `Metrics.NAME` name a tag and a final metric, as in SageMaker.
  public let place: [String]
  public let comparison: Operator
  public let value: String

  public init(_ name: String, _ comparison: Operator, _ value: String) {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    // Keys of tags, hyperparameters and metrics may have dots of their own.
    let isKeyed = parts.count > 2 && ["Tags", "Metrics", "HyperParameters", "Environment"].contains(parts[0])
    place = isKeyed ? [parts[0], parts.dropFirst().joined(separator: ".")] : parts
    self.comparison = comparison
    self.value = value
  }

  private init(place: [String], _ comparison: Operator, _ value: String) {
    self.place = place
    self.comparison = comparison
    self.value = value
  }

  func without(_ prefix: [String]) -> SearchFilter {
    guard place.starts(with: prefix) else { return self }
    return SearchFilter(place: Array(place.dropFirst(prefix.count)), comparison, value)
  }

  func matches(_ record: JSON) -> Bool {
    let found = record.values(at: place[...])
    switch comparison {
    case .exists: return !found.isEmpty
    case .notExists: return found.isEmpty
    case .equals: return found.contains { order($0, value) == .same }
    // What is not there is not equal either.
    case .notEquals: return !found.contains { order($0, value) == .same }
    case .greater: return found.contains { order($0, value) == .after }
    case .greaterOrEqual: return found.contains { [.after, .same].contains(order($0, value)) }
    case .less: return found.contains { order($0, value) == .before }
    case .lessOrEqual: return found.contains { [.before, .same].contains(order($0, value)) }
    case .contains: return found.contains { $0.searchText?.contains(value) == true }
    case .among:
      let choices = value.split(separator: ",")
      return found.contains { element in choices.contains { order(element, String($0)) == .same } }
    }
  }

  private enum Order { case before, same, after }

  /// Numbers and times by size, texts by their bytes; nil where the two cannot be compared.
  private func order(_ element: JSON, _ value: String) -> Order? {
    if let text = element.string {
      // Hyperparameters are texts even when they are numbers.
      if let number = Double(text), let wanted = Double(value) { return Self.order(number, wanted) }
      if text == value { return .same }
      return text.utf8.lexicographicallyPrecedes(value.utf8) ? .before : .after
    }
    if let flag = element.bool { return value.lowercased() == (flag ? "true" : "false") ? .same : nil }
    guard let number = element.number, let wanted = Double(value) ?? CalendarDate.seconds(value) else { return nil }
    return Self.order(number, wanted)
  }

  private static func order(_ number: Double, _ wanted: Double) -> Order {
    number == wanted ? .same : number < wanted ? .before : .after
  }
}

extension JSON {
  /// All values at a place: lists on the way stand for each of their elements.
  func values(at place: ArraySlice<String>) -> [JSON] {
    if let elements = array { return elements.flatMap { $0.values(at: place) } }
    guard let name = place.first else { return isNull ? [] : [self] }
    let rest = place.dropFirst()
    if let key = rest.first, rest.count == 1 {
      switch name {
      case "Tags": return keyed("Tags", by: "Key", key, value: "Value")
      case "Metrics": return keyed("FinalMetricDataList", by: "MetricName", key, value: "Value")
      default: break
      }
    }
    return self[name]?.values(at: rest) ?? []
  }

  private func keyed(_ list: String, by member: String, _ key: String, value: String) -> [JSON] {
    (self[list]?.array ?? []).filter { $0[member]?.string == key }.compactMap { $0[value] }
  }

  var searchText: String? { string ?? number.map { "\($0)" } }
}
