/// A JSON value that keeps the order of members and tells integers from fractions.
///
/// The wire contract needs both: requests are echoed as they were sent, and AWS clients refuse `1.0`
/// where a model says integer. It needs no Foundation, so the shim and the workers can use it too.
public enum JSON: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  case array([JSON])
  case object(Object)

  /// The members of an object, in the order in which they stand. Later duplicates win, as in most parsers.
  public struct Object: Sendable, Equatable {
    public private(set) var members: [(key: String, value: JSON)]

    public init(_ members: [(key: String, value: JSON)] = []) { self.members = members }

    /// Looks a member up; setting `nil` removes it, setting a new key appends it.
    public subscript(key: String) -> JSON? {
      get { members.last { $0.key == key }?.value }
      set {
        if let index = members.lastIndex(where: { $0.key == key }) {
          if let newValue { members[index].value = newValue } else { members.remove(at: index) }
        } else if let newValue {
          members.append((key, newValue))
        }
      }
    }

    public var keys: [String] { members.map(\.key) }
    public var isEmpty: Bool { members.isEmpty }
    public var count: Int { members.count }

    public static func == (left: Object, right: Object) -> Bool {
      left.members.count == right.members.count
        && left.members.allSatisfy { right[$0.key] == $0.value }
    }
  }
}

extension JSON {
  public subscript(key: String) -> JSON? {
    if case .object(let object) = self { object[key] } else { nil }
  }

  public subscript(index: Int) -> JSON? {
    if case .array(let items) = self, items.indices.contains(index) { items[index] } else { nil }
  }

  public var string: String? { if case .string(let value) = self { value } else { nil } }
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  public var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
  public var object: Object? { if case .object(let value) = self { value } else { nil } }
  public var isNull: Bool { if case .null = self { true } else { false } }

  /// The value as an integer; a fraction without a fractional part counts (some clients write `5.0`).
  public var integer: Int64? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int64(exactly: value)
    default: nil
    }
  }

  public var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// An object from pairs whose absent (`nil`) members are left out, as AWS answers do.
  public static func members(_ pairs: KeyValuePairs<String, JSON?>) -> JSON {
    .object(Object(pairs.compactMap { key, value in value.map { (key, $0) } }))
  }

  /// A flat object of strings, keys in byte order.
  public static func strings(_ values: [String: String]) -> JSON {
    .object(Object(values.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
  }

  /// The members of a flat object of strings; nil when a value is not a string.
  public var stringMap: [String: String]? {
    guard let object else { return nil }
    var result: [String: String] = [:]
    for (key, value) in object.members {
      guard let text = value.string else { return nil }
      result[key] = text
    }
    return result
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(Object(elements.map { (key: $0.0, value: $0.1) }))
  }
}
