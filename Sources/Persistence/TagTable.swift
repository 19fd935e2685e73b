internal import GRDB
public import Resources

extension Store {
  public func tags(on resource: AmazonResourceName) async throws(StoreError) -> [Tag] {
    try await read { db in try Self.tags(on: resource, in: db) }
  }

  /// Adds tags, overwriting per key, and returns all of them; nil (and no change) when they would be too many.
  public func addTags(
    _ tags: [Tag], to resource: AmazonResourceName
  ) async throws(StoreError) -> [Tag]? {
    try await write { db in
      let present = try Self.tags(on: resource, in: db)
      let keys = Set(present.map(\.key)).union(tags.map(\.key))
      guard keys.count <= Tag.maximumPerResource else { return nil }
      try Self.put(tags, on: resource, in: db)
      return try Self.tags(on: resource, in: db)
    }
  }

  public func deleteTags(_ keys: [String], from resource: AmazonResourceName) async throws(StoreError) {
    try await write { db in
      for key in keys {
        try db.execute(
          sql: "DELETE FROM tags WHERE resource = ? AND key = ?",
          arguments: [resource.description, key])
      }
    }
  }

  static func put(_ tags: [Tag], on resource: AmazonResourceName, in db: Database) throws {
    for tag in tags {
      try db.cachedStatement(sql: "INSERT OR REPLACE INTO tags (resource, key, value) VALUES (?, ?, ?)")
        .execute(arguments: [resource.description, tag.key, tag.value])
    }
  }

  private static func tags(on resource: AmazonResourceName, in db: Database) throws -> [Tag] {
    try Row.fetchAll(
      db, sql: "SELECT key, value FROM tags WHERE resource = ? ORDER BY key",
      arguments: [resource.description]
    ).map { Tag(key: $0["key"], value: $0["value"]) }
  }
}
