internal import GRDB
public import HostKit

/// What to list: filters, order and where the page begins.
public struct ResourceQuery: Sendable {
  public enum Order: Sendable { case name, creationTime, status }

  public var nameContains: String?
  /// As it is on the wire. Models and endpoint configurations have none: with any status here none of them matches.
  public var status: String?
  public var createdAfter: Timestamp?
  public var createdBefore: Timestamp?
  /// Models and endpoint configurations never change: theirs is the creation time.
  public var modifiedAfter: Timestamp?
  public var modifiedBefore: Timestamp?
  public var order: Order = .creationTime
  public var isAscending = true
  public var limit = 10
  /// The sort value and id of the last row of the page before.
  public var after: (value: String, id: Int64)?

  public init() {}
}

extension ResourceTable {
  /// One page in the query's order, from the table's columns alone: even a resource whose record cannot be read is
  /// shown. Rows that are added meanwhile never shift a page: it goes on after its last row.
  func summaries(matching query: ResourceQuery, in db: Database) throws -> [Row] {
    let (filter, order, arguments) = clauses(for: query)
    // The inner query walks a narrow covering index; only the rows of the page are read as a whole.
    let sql = """
      SELECT \(summaryColumns) FROM \(name) WHERE id IN
        (SELECT id FROM \(name) \(filter) ORDER BY \(order) LIMIT ?) ORDER BY \(order)
      """
    return try Row.fetchAll(db.cachedStatement(sql: sql), arguments: arguments + [query.limit])
  }

  private func clauses(for query: ResourceQuery) -> (filter: String, order: String, StatementArguments) {
    var conditions: [String] = []
    var arguments = StatementArguments()
    func add(_ condition: String, _ values: (any DatabaseValueConvertible)...) {
      conditions.append(condition)
      arguments += StatementArguments(values)
    }
    if let text = query.nameContains { add("instr(name, ?) > 0", text) }
    if let value = query.status { add("\(status) = ?", value) }
    // Ids hold the creation time, so that these filters are a range of the primary key.
    if let time = query.createdAfter { add("id > ?", (time.milliseconds << 20) | 0xFFFFF) }
    if let time = query.createdBefore { add("id < ?", time.milliseconds << 20) }
    if let time = query.modifiedAfter { add("\(modified) > ?", time.milliseconds) }
    if let time = query.modifiedBefore { add("\(modified) < ?", time.milliseconds) }
    let comparison = query.isAscending ? ">" : "<"
    let direction = query.isAscending ? "ASC" : "DESC"
    let order: String
    switch query.order {
    case .creationTime:
      if let after = query.after { add("id \(comparison) ?", after.id) }
      order = "id \(direction)"
    case .name:
      if let after = query.after { add("name \(comparison) ?", after.value) }
      order = "name \(direction)"
    case .status:
      if let after = query.after { add("(\(status), id) \(comparison) (?, ?)", after.value, after.id) }
      order = "\(status) \(direction), id \(direction)"
    }
    return (conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))", order, arguments)
  }
}
