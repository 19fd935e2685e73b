internal import GRDB
public import HostKit
import JSONKit
public import Resources

extension Store {
  /// The latest events that are kept of one endpoint: one that is updated for years never fills the disk.
  public static let maximumEndpointEvents = 10_000

  /// Adds an endpoint with its tags and first events. `nameTaken` when the name is in use; exactly one of many wins.
  public func insert(_ endpoint: Endpoint, tags: [Tag], events: [EventRecord]) async throws(StoreError) {
    try await write { db in
      try ResourceTable.endpoints.insert(
        [
          "id": endpoint.id, "name": endpoint.name, "region": endpoint.region, "account": endpoint.account,
          "status": endpoint.status.rawValue, "created_at": endpoint.createdAt.milliseconds,
          "modified_at": endpoint.modifiedAt.milliseconds, "version": endpoint.version,
          "state": endpoint.stateJSON.text,
        ], named: endpoint.name, in: db)
      for event in events { try Self.insert(event, ofEndpoint: endpoint.id, in: db) }
      try Self.put(tags, on: endpoint.arn, in: db)
    }
  }

  /// Replaces an endpoint's record if it is still at the version before, and notes why. `conflict` otherwise.
  public func update(_ endpoint: Endpoint, event: EventRecord) async throws(StoreError) {
    try await write { db in
      try db.cachedStatement(
        sql: "UPDATE endpoints SET status = ?, modified_at = ?, state = ?, version = ? WHERE id = ? AND version = ?"
      ).execute(arguments: [
        endpoint.status.rawValue, endpoint.modifiedAt.milliseconds, endpoint.stateJSON.text, endpoint.version,
        endpoint.id, endpoint.version - 1,
      ])
      guard db.changesCount == 1 else {
        throw StoreError(.conflict, "endpoint \(endpoint.name) changed meanwhile")
      }
      try Self.insert(event, ofEndpoint: endpoint.id, in: db)
    }
  }

  /// nil when there is no such endpoint.
  public func endpoint(named name: String) async throws(StoreError) -> Endpoint? {
    try await read { db in try ResourceTable.endpoints.row(named: name, in: db).map(Self.endpoint) }
  }

  /// The endpoint whose ARN ends in this lower-case name; nil when there is none.
  public func endpoint(withARNName name: String) async throws(StoreError) -> Endpoint? {
    try await read { db in try ResourceTable.endpoints.row(withARNName: name, in: db).map(Self.endpoint) }
  }

  /// Every endpoint in the order of creation, and the names of those whose record cannot be read.
  public func allEndpointNames() async throws(StoreError) -> [(name: String, createdAt: Timestamp)] {
    try await read { db in
      try Row.fetchAll(db, sql: "SELECT name, created_at FROM endpoints ORDER BY name").map {
        (name: $0["name"], createdAt: Timestamp(milliseconds: $0["created_at"]))
      }
    }
  }

  public func allEndpoints() throws(StoreError) -> (endpoints: [Endpoint], unreadable: [String]) {
    try readNow { db in
      var endpoints: [Endpoint] = []
      var unreadable: [String] = []
      let rows = try Row.fetchCursor(db, sql: "SELECT * FROM endpoints ORDER BY id")
      while let row = try rows.next() {
        do { endpoints.append(try Self.endpoint(from: row)) } catch { unreadable.append(row["name"]) }
      }
      return (endpoints, unreadable)
    }
  }

  /// Removes an endpoint with everything on record about it; false when it was gone already. One that a listing gave
  /// will do: even an endpoint whose record cannot be read can be deleted.
  @discardableResult
  public func delete(_ endpoint: Endpoint) async throws(StoreError) -> Bool {
    try await deleteFigures(ofEndpoint: endpoint.id)
    return try await write { db in try ResourceTable.endpoints.delete(id: endpoint.id, endpoint.arn, in: db) }
  }

  /// One page of endpoints, even those whose record cannot be read. They carry what a listing shows, no deployments.
  public func endpoints(matching query: ResourceQuery) async throws(StoreError) -> [Endpoint] {
    try await read { db in
      try ResourceTable.endpoints.summaries(matching: query, in: db).map { row in
        // The schema allows no other statuses than these.
        Self.endpoint(from: row, status: EndpointStatus(rawValue: row["status"]) ?? .failed)
      }
    }
  }

  /// Endpoints by status.
  public func countEndpoints() async throws(StoreError) -> [String: Int] {
    try await read { db in try ResourceTable.endpoints.countByStatus(in: db) }
  }

  /// The latest events of an endpoint, oldest first.
  public func events(ofEndpoint endpoint: Endpoint) async throws(StoreError) -> [EventRecord] {
    try await read { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM endpoint_events WHERE endpoint_id = ? ORDER BY number", arguments: [endpoint.id]
      ).map { row in
        EventRecord(at: Timestamp(milliseconds: row["at"]), kind: row["kind"], detail: row["detail"])
      }
    }
  }

  private static func insert(_ event: EventRecord, ofEndpoint id: Int64, in db: Database) throws {
    let last = try Int64.fetchOne(
      db.cachedStatement(sql: "SELECT max(number) FROM endpoint_events WHERE endpoint_id = ?"), arguments: [id])
    let number = (last ?? 0) + 1
    try db.cachedStatement(
      sql: "INSERT INTO endpoint_events (endpoint_id, number, at, kind, detail) VALUES (?, ?, ?, ?, ?)"
    ).execute(arguments: [id, number, event.at.milliseconds, event.kind, event.detail])
    try db.cachedStatement(sql: "DELETE FROM endpoint_events WHERE endpoint_id = ? AND number <= ?")
      .execute(arguments: [id, number - Int64(maximumEndpointEvents)])
  }

  private static func endpoint(from row: Row) throws -> Endpoint {
    // Why it is unreadable says nothing more than that it is.
    guard let state = try? JSON(parsing: row["state"] as String), let status = EndpointStatus(rawValue: row["status"])
    else { throw ResourceTable.endpoints.unreadable(row["name"]) }
    var endpoint = endpoint(from: row, status: status)
    guard endpoint.restoreState(from: state) else { throw ResourceTable.endpoints.unreadable(row["name"]) }
    return endpoint
  }

  private static func endpoint(from row: Row, status: EndpointStatus) -> Endpoint {
    var endpoint = Endpoint(
      id: row["id"], name: row["name"], region: row["region"], account: row["account"],
      createdAt: Timestamp(milliseconds: row["created_at"]))
    endpoint.status = status
    endpoint.modifiedAt = Timestamp(milliseconds: row["modified_at"])
    endpoint.version = row["version"]
    return endpoint
  }
}
