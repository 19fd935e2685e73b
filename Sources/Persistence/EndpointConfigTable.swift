internal import GRDB
import HostKit
import JSONKit
public import Resources

extension Store {
  /// Adds a configuration with its tags. `nameTaken` when the name is in use; exactly one of many wins.
  public func insert(_ config: EndpointConfig, tags: [Tag]) async throws(StoreError) {
    try await write { db in
      try ResourceTable.endpointConfigs.insert(
        [
          "id": config.id, "name": config.name, "region": config.region, "account": config.account,
          "created_at": config.createdAt.milliseconds, "variants": JSON.array(config.variants.map(\.json)).text,
          "request": config.request.text,
        ], named: config.name, in: db)
      try Self.put(tags, on: config.arn, in: db)
    }
  }

  /// nil when there is no such configuration.
  public func endpointConfig(named name: String) async throws(StoreError) -> EndpointConfig? {
    try await read { db in try ResourceTable.endpointConfigs.row(named: name, in: db).map(Self.endpointConfig) }
  }

  /// The configuration whose ARN ends in this lower-case name; nil when there is none.
  public func endpointConfig(withARNName name: String) async throws(StoreError) -> EndpointConfig? {
    try await read { db in
      try ResourceTable.endpointConfigs.row(withARNName: name, in: db).map(Self.endpointConfig)
    }
  }

  /// Removes a configuration with its tags; false when it was gone already. Endpoints made from it keep what they need.
  @discardableResult
  public func delete(_ config: EndpointConfig) async throws(StoreError) -> Bool {
    try await write { db in try ResourceTable.endpointConfigs.delete(id: config.id, config.arn, in: db) }
  }

  /// One page of configurations, even those whose record cannot be read. They carry neither request nor variants.
  public func endpointConfigs(matching query: ResourceQuery) async throws(StoreError) -> [EndpointConfig] {
    try await read { db in
      try ResourceTable.endpointConfigs.summaries(matching: query, in: db).map { row in
        Self.endpointConfig(from: row, request: .null, variants: [])
      }
    }
  }

  private static func endpointConfig(from row: Row) throws -> EndpointConfig {
    // Why it is unreadable says nothing more than that it is.
    guard let request = try? JSON(parsing: row["request"] as String),
      let items = (try? JSON(parsing: row["variants"] as String))?.array, !items.isEmpty
    else { throw ResourceTable.endpointConfigs.unreadable(row["name"]) }
    let variants = items.compactMap(EndpointConfig.Variant.init(json:))
    guard variants.count == items.count else { throw ResourceTable.endpointConfigs.unreadable(row["name"]) }
    return endpointConfig(from: row, request: request, variants: variants)
  }

  private static func endpointConfig(
    from row: Row, request: JSON, variants: [EndpointConfig.Variant]
  ) -> EndpointConfig {
    EndpointConfig(
      id: row["id"], name: row["name"], region: row["region"], account: row["account"], request: request,
      variants: variants, createdAt: Timestamp(milliseconds: row["created_at"]))
  }
}
