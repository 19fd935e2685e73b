import GRDB
import HostKit
import JSONKit
import Persistence
import Resources
import Testing

/// Models and endpoint configurations: they are made, found, listed and deleted, and never change.
@Suite(.timeLimit(.minutes(2))) struct ModelTableTests {
  private func model(_ name: String, _ store: Store, at time: Timestamp = .now()) -> Model {
    let containers = [
      Model.Container(
        image: "htr/script", dataURI: "s3://b/model.tar.gz", sha256: String(repeating: "a", count: 64),
        environment: ["SAGEMAKER_PROGRAM": "inference.py"]),
      Model.Container(image: "htr/text-recognition", dataURI: nil),
    ]
    return Model(
      id: store.nextID(at: time), name: name, region: "us-east-1", account: "000000000000",
      request: ["ModelName": .string(name)], containers: containers, createdAt: time)
  }

  private func config(_ name: String, _ store: Store, at time: Timestamp = .now()) -> EndpointConfig {
    let variant = EndpointConfig.Variant(
      name: "AllTraffic", modelName: "m", instanceType: "ml.c5.large", instanceCount: 2, weight: 0.5,
      startupSeconds: 60)
    return EndpointConfig(
      id: store.nextID(at: time), name: name, region: "us-east-1", account: "000000000000",
      request: ["EndpointConfigName": .string(name)], variants: [variant], createdAt: time)
  }

  @Test func `they are found again as they were, by their exact name and by their ARN`() async throws {
    try await withStore { store, path in
      let model = model("My-Model", store)
      let config = config("My-Config", store)
      try await store.insert(model, tags: [Tag(key: "k", value: "v")])
      try await store.insert(config, tags: [Tag(key: "k", value: "w")])
      let again = try Store(path: path)
      #expect(try await again.model(named: "My-Model") == model)
      #expect(try await again.model(named: "my-model") == nil)
      #expect(try await again.model(withARNName: "my-model") == model)
      #expect(try await again.endpointConfig(named: "My-Config") == config)
      #expect(try await again.endpointConfig(named: "MY-CONFIG") == nil)
      #expect(try await again.endpointConfig(withARNName: "my-config") == config)
      #expect(try await again.tags(on: model.arn) == [Tag(key: "k", value: "v")])
      #expect(try await again.tags(on: config.arn) == [Tag(key: "k", value: "w")])
    }
  }

  @Test func `a name in another spelling is taken, and one table's names are free in the others`() async throws {
    try await withStore { store, _ in
      try await store.insert(model("same", store), tags: [])
      try await store.insert(config("same", store), tags: [])
      let ofModel = await #expect(throws: StoreError.self) { try await store.insert(model("Same", store), tags: []) }
      #expect(ofModel?.code == .nameTaken)
      let ofConfig = await #expect(throws: StoreError.self) { try await store.insert(config("SAME", store), tags: []) }
      #expect(ofConfig?.code == .nameTaken)
    }
  }

  @Test func `deleting removes the tags and frees the name`() async throws {
    try await withStore { store, path in
      let model = model("a", store)
      let config = config("a", store)
      try await store.insert(model, tags: [Tag(key: "k", value: "v")])
      try await store.insert(config, tags: [Tag(key: "k", value: "v")])
      #expect(try await store.delete(model))
      #expect(try await store.delete(config))
      #expect(try await countRows(["models", "endpoint_configs", "tags"], at: path) == [0, 0, 0])
      #expect(try await store.model(named: "a") == nil)
      #expect(try await store.endpointConfig(named: "a") == nil)
    }
  }

  @Test func `a late delete leaves a later one of the same name as it is`() async throws {
    try await withStore { store, _ in
      let first = model("a", store)
      try await store.insert(first, tags: [])
      #expect(try await store.delete(first))
      let second = model("a", store)
      try await store.insert(second, tags: [Tag(key: "k", value: "v")])
      #expect(try await !store.delete(first))
      #expect(try await store.model(named: "a") == second)
      #expect(try await store.tags(on: second.arn) == [Tag(key: "k", value: "v")])
    }
  }

  @Test(arguments: [ResourceQuery.Order.name, .creationTime, .status], [true, false])
  func `pages neither lose nor repeat a model`(order: ResourceQuery.Order, isAscending: Bool) async throws {
    try await withStore { store, _ in
      for number in 0..<23 {
        try await store.insert(model("m-\(number)", store, at: Timestamp(milliseconds: Int64(number))), tags: [])
      }
      var query = ResourceQuery()
      query.order = order
      query.isAscending = isAscending
      query.limit = 4
      var seen: [Model] = []
      while let last = try await store.models(matching: query).last {
        seen += try await store.models(matching: query)
        query.after = (order == .name ? last.name : "", last.id)
      }
      let sorted = seen.sorted {
        let isBefore = order == .name ? $0.name < $1.name : $0.id < $1.id
        return isBefore == isAscending
      }
      #expect(seen.count == 23)
      #expect(seen.map(\.name) == sorted.map(\.name))
    }
  }

  @Test func `filters find what they say, and what never changed was changed when it was made`() async throws {
    try await withStore { store, _ in
      for number in 1...5 {
        let time = Timestamp(milliseconds: Int64(number * 1000))
        try await store.insert(model("x\(number)", store, at: time), tags: [])
        try await store.insert(config("x\(number)", store, at: time), tags: [])
      }
      func names(_ change: (inout ResourceQuery) -> Void) async throws -> [String] {
        var query = ResourceQuery()
        change(&query)
        let models = try await store.models(matching: query).map(\.name)
        #expect(try await store.endpointConfigs(matching: query).map(\.name) == models)
        return models
      }
      #expect(try await names { _ in } == ["x1", "x2", "x3", "x4", "x5"])
      #expect(try await names { $0.nameContains = "3" } == ["x3"])
      #expect(try await names { $0.createdAfter = Timestamp(milliseconds: 3000) } == ["x4", "x5"])
      #expect(try await names { $0.createdBefore = Timestamp(milliseconds: 3000) } == ["x1", "x2"])
      #expect(try await names { $0.modifiedAfter = Timestamp(milliseconds: 4000) } == ["x5"])
      #expect(try await names { $0.modifiedBefore = Timestamp(milliseconds: 2000) } == ["x1"])
      #expect(try await names { $0.status = "InService" } == [])
    }
  }

  @Test(arguments: ["torn", "[]", "[{}]", "{}"])
  func `a row that cannot be read is kept, listed and named`(record: String) async throws {
    try await withStore { store, path in
      try await store.insert(model("a", store), tags: [])
      try await store.insert(config("a", store), tags: [])
      try await DatabaseQueue(path: path).write { db in
        try db.execute(sql: "UPDATE models SET containers = ?", arguments: [record])
        try db.execute(sql: "UPDATE endpoint_configs SET variants = ?", arguments: [record])
      }
      let ofModel = await #expect(throws: StoreError.self) { try await store.model(named: "a") }
      #expect(ofModel?.code == .unreadable && ofModel?.description.contains("model a ") == true)
      let ofConfig = await #expect(throws: StoreError.self) { try await store.endpointConfig(named: "a") }
      #expect(ofConfig?.code == .unreadable)
      #expect(try await store.models(matching: ResourceQuery()).map(\.name) == ["a"])
      #expect(try await store.endpointConfigs(matching: ResourceQuery()).map(\.name) == ["a"])
    }
  }
}
