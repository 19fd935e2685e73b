internal import GRDB
import HostKit
import JSONKit
public import Resources

extension Store {
  /// Adds a model with its tags. `nameTaken` when the name is in use; exactly one of many wins.
  public func insert(_ model: Model, tags: [Tag]) async throws(StoreError) {
    try await write { db in
      try ResourceTable.models.insert(
        [
          "id": model.id, "name": model.name, "region": model.region, "account": model.account,
          "created_at": model.createdAt.milliseconds, "containers": JSON.array(model.containers.map(\.json)).text,
          "request": model.request.text,
        ], named: model.name, in: db)
      try Self.put(tags, on: model.arn, in: db)
    }
  }

  /// nil when there is no such model.
  public func model(named name: String) async throws(StoreError) -> Model? {
    try await read { db in try ResourceTable.models.row(named: name, in: db).map(Self.model) }
  }

  /// The model whose ARN ends in this lower-case name; nil when there is none.
  public func model(withARNName name: String) async throws(StoreError) -> Model? {
    try await read { db in try ResourceTable.models.row(withARNName: name, in: db).map(Self.model) }
  }

  /// Removes a model with its tags; false when it was gone already.
  @discardableResult
  public func delete(_ model: Model) async throws(StoreError) -> Bool {
    try await write { db in try ResourceTable.models.delete(id: model.id, model.arn, in: db) }
  }

  /// One page of models, even those whose record cannot be read. They carry neither request nor containers.
  public func models(matching query: ResourceQuery) async throws(StoreError) -> [Model] {
    try await read { db in
      try ResourceTable.models.summaries(matching: query, in: db).map { row in
        Self.model(from: row, request: .null, containers: [])
      }
    }
  }

  private static func model(from row: Row) throws -> Model {
    // Why it is unreadable says nothing more than that it is.
    guard let request = try? JSON(parsing: row["request"] as String),
      let items = (try? JSON(parsing: row["containers"] as String))?.array, !items.isEmpty
    else { throw ResourceTable.models.unreadable(row["name"]) }
    let containers = items.compactMap(Model.Container.init(json:))
    guard containers.count == items.count else { throw ResourceTable.models.unreadable(row["name"]) }
    return model(from: row, request: request, containers: containers)
  }

  private static func model(from row: Row, request: JSON, containers: [Model.Container]) -> Model {
    Model(
      id: row["id"], name: row["name"], region: row["region"], account: row["account"], request: request,
      containers: containers, createdAt: Timestamp(milliseconds: row["created_at"]))
  }
}
