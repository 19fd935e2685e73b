public import JSONKit

/// A request in AWS's query protocol: `Action=…&Version=…&Tags.member.1.Key=…`, in a form body or in the address.
///
/// All values are text: read the members with `ShapeReader(fromText: true)`.
public struct QueryRequest: Sendable {
  /// Most parameters of a request.
  public static let mostParameters = 2000
  private static let deepest = 12

  public let action: String
  /// The version of the service's API that the client was written for.
  public let version: String?
  /// Structures, lists and texts that the dotted names stand for.
  public let members: JSON

  /// - Parameters:
  ///   - query: what follows the address's `?`, with its escapes. Parameters of a presigned address's signature are left
  ///     out.
  ///   - form: the body, where it is a form.
  public init(query: String = "", form: [UInt8]) throws(ServiceError) {
    let pairs = try Self.pairs(Array(query.utf8)).filter { !$0.name.hasPrefix("X-Amz-") } + Self.pairs(form)
    guard pairs.count <= Self.mostParameters else {
      throw .validation("The request has more than \(Self.mostParameters) parameters.")
    }
    guard Set(pairs.map(\.name)).count == pairs.count else {
      throw .validation("A parameter of the request is there more than once.")
    }
    action = pairs.first { $0.name == "Action" }?.value ?? ""
    version = pairs.first { $0.name == "Version" }?.value
    guard !action.isEmpty else {
      throw ServiceError(.unknownOperation, "The request has no parameter Action, which says what is to be done.")
    }
    var branches: [Branch] = []
    for pair in pairs where pair.name != "Action" && pair.name != "Version" {
      let path = pair.name.split(separator: ".", omittingEmptySubsequences: false)
      guard path.count <= Self.deepest, path.allSatisfy({ !$0.isEmpty }) else {
        throw .validation("The parameter name '\(pair.name.prefix(100))' is not well-formed.")
      }
      branches.append((path[...], pair.value))
    }
    members = .object(.init(try Self.children(branches).map { (String($0.name), $0.value) }))
  }

  private typealias Branch = (path: ArraySlice<Substring>, value: String)

  private static func children(_ branches: [Branch]) throws(ServiceError) -> [(name: Substring, value: JSON)] {
    var names: [Substring] = []
    var groups: [Substring: [Branch]] = [:]
    for branch in branches {
      guard let name = branch.path.first else { continue }
      if groups[name] == nil { names.append(name) }
      groups[name, default: []].append((branch.path.dropFirst(), branch.value))
    }
    var children: [(name: Substring, value: JSON)] = []
    for name in names { children.append((name, try value(of: name, groups[name] ?? []))) }
    return children
  }

  private static func value(of name: Substring, _ branches: [Branch]) throws(ServiceError) -> JSON {
    if branches.count == 1, branches[0].path.isEmpty { return .string(branches[0].value) }
    guard branches.allSatisfy({ !$0.path.isEmpty }) else {
      throw .validation("The parameter '\(name.prefix(100))' is a value and a structure at once.")
    }
    // A list is `member` and numbers below it.
    guard branches.allSatisfy({ $0.path.first == "member" && $0.path.count > 1 }) else {
      return .object(.init(try children(branches).map { (String($0.name), $0.value) }))
    }
    var items: [(number: Int, value: JSON)] = []
    for (number, item) in try children(branches.map { ($0.path.dropFirst(), $0.value) }) {
      guard number.utf8.count <= 6, let number = Int(number), number > 0 else {
        throw .validation("The items of the list '\(name.prefix(100))' must be numbered from 1.")
      }
      items.append((number, item))
    }
    return .array(items.sorted { $0.number < $1.number }.map(\.value))
  }

  private static func pairs(_ text: [UInt8]) throws(ServiceError) -> [(name: String, value: String)] {
    var pairs: [(name: String, value: String)] = []
    for pair in text.split(separator: UInt8(ascii: "&"), maxSplits: mostParameters) {
      let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = decoded(parts[0]), let value = parts.count == 1 ? "" : decoded(parts[1]) else {
        throw .validation("A parameter of the request is not percent-encoded UTF-8.")
      }
      pairs.append((name, value))
    }
    return pairs
  }

  /// A form's text: `+` is a space. Nil when it is not well escaped, or not UTF-8.
  private static func decoded(_ text: ArraySlice<UInt8>) -> String? {
    var rest = text
    var bytes: [UInt8] = []
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
        bytes.append(high << 4 | low)
      default: bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
