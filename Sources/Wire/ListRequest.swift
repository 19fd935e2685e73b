public import HostKit
public import JSONKit

/// A resource that has a List action.
public protocol Listable: Sendable {
  /// What StatusEquals can ask for; Never for resources that do not change.
  associatedtype Status: Sendable, Equatable = Never

  /// Ordered by creation time.
  var id: Int64 { get }
  var name: String { get }
  /// Its status in SageMaker's words, nil where it has none.
  var statusName: String? { get }
  /// Its row in the answer.
  var summaryJSON: JSON { get }

  /// The member of the answer that holds the rows.
  static var listMember: String { get }
  /// The order when the request names none.
  static var isListedAscending: Bool { get }
  /// Every status that SageMaker's model allows in StatusEquals, those that htr never shows too. A resource without any
  /// never changes: it is listed neither by status nor by the time of its last change.
  static var statusNames: [String] { get }
  /// The status of that name, nil for one that htr never shows.
  static func status(named name: String) -> Status?
  static var refusedListMembers: [String: String] { get }
}

extension Listable {
  public static var refusedListMembers: [String: String] { [:] }
}

extension Listable where Status == Never {
  public var statusName: String? { nil }
  public static var statusNames: [String] { [] }
  public static func status(named name: String) -> Never? { nil }
}

public enum ListSortKey: String, Sendable {
  case name = "Name"
  case creationTime = "CreationTime"
  /// Only of resources that have a status.
  case status = "Status"
}

/// A List action: every filter and sort of the API, and pages that survive concurrent inserts.
public struct ListRequest<Resource: Listable>: Sendable, Equatable {
  public typealias SortKey = ListSortKey
  public typealias Position = ListPosition

  public var nameContains: String?
  public var status: Resource.Status?
  public var createdAfter: Timestamp?
  public var createdBefore: Timestamp?
  public var modifiedAfter: Timestamp?
  public var modifiedBefore: Timestamp?
  public var sortBy: SortKey = .creationTime
  public var isAscending = Resource.isListedAscending
  /// Rows of a page.
  public var limit = 10
  /// Where the page before ended.
  public var position: Position?
  /// A status is asked for that nothing here ever has.
  public private(set) var matchesNothing = false

  public init() {}

  public init(json: JSON) throws(ServiceError) {
    var reader = ShapeReader()
    nameContains = reader.string(json, "NameContains", at: "nameContains", length: 0...63, rule: .nameFragment)
    createdAfter = reader.timestamp(json, "CreationTimeAfter", at: "creationTimeAfter")
    createdBefore = reader.timestamp(json, "CreationTimeBefore", at: "creationTimeBefore")
    readOrder(json, &reader)
    if !Resource.statusNames.isEmpty { readChanges(json, &reader) }
    limit = Int(reader.integer(json, "MaxResults", at: "maxResults", in: 1...100) ?? 10)
    reader.refuse(json, Resource.refusedListMembers, at: "")
    let token = reader.string(json, "NextToken", at: "nextToken", length: 0...8192)
    try reader.finish()
    if let token { position = try Position(token: token, query: query) }
  }

  private mutating func readOrder(_ json: JSON, _ reader: inout ShapeReader) {
    let keys: [SortKey] = Resource.statusNames.isEmpty ? [.name, .creationTime] : [.name, .creationTime, .status]
    if let key = reader.choice(json, "SortBy", at: "sortBy", of: keys.map(\.rawValue)) {
      sortBy = SortKey(rawValue: key) ?? .creationTime
    }
    if let order = reader.choice(json, "SortOrder", at: "sortOrder", of: ["Ascending", "Descending"]) {
      isAscending = order == "Ascending"
    }
  }

  private mutating func readChanges(_ json: JSON, _ reader: inout ShapeReader) {
    modifiedAfter = reader.timestamp(json, "LastModifiedTimeAfter", at: "lastModifiedTimeAfter")
    modifiedBefore = reader.timestamp(json, "LastModifiedTimeBefore", at: "lastModifiedTimeBefore")
    if let name = reader.choice(json, "StatusEquals", at: "statusEquals", of: Resource.statusNames) {
      status = Resource.status(named: name)
      matchesNothing = status == nil
    }
  }

  /// The answer, from the rows behind `position` in order. One row more than `limit` tells that there is a next page.
  public func answer(_ rows: [Resource]) -> JSON {
    let page = rows.prefix(limit)
    let last = rows.count > limit ? page.last : nil
    return .members([
      Resource.listMember: .array(page.map(\.summaryJSON)),
      "NextToken": last.map { .string(token(after: position(at: $0))) },
    ])
  }

  /// The token for the page after `position`: opaque to clients, and only valid for the same list, filters and sort.
  public func token(after position: Position) -> String { position.token(query: query) }

  private func position(at row: Resource) -> Position {
    switch sortBy {
    case .name: Position(value: row.name, id: row.id)
    case .creationTime: Position(value: "", id: row.id)
    case .status: Position(value: row.statusName ?? "", id: row.id)
    }
  }

  /// What a token is bound to. None of the parts can hold the separator.
  private var query: String {
    let times = [createdAfter, createdBefore, modifiedAfter, modifiedBefore]
    let parts =
      [
        Resource.listMember, nameContains ?? "", status.map { "\($0)" } ?? "", sortBy.rawValue, isAscending ? "a" : "d",
      ] + times.map { $0.map { "\($0.milliseconds)" } ?? "" }
    return parts.joined(separator: "|")
  }
}

extension ShapeReader {
  fileprivate mutating func timestamp(_ json: JSON, _ member: String, at path: String) -> Timestamp? {
    seconds(json, member, at: path).map(Timestamp.init(seconds:))
  }
}
