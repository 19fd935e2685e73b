import GRDB
import HostKit
import JSONKit
import Persistence
import Resources
import Testing

@Suite(.timeLimit(.minutes(2))) struct EndpointTableTests {
  private let event = EventRecord(at: Timestamp(milliseconds: 1), kind: "k", detail: "d")

  private func endpoint(_ name: String, _ store: Store, at time: Timestamp = .now()) -> Endpoint {
    var endpoint = Endpoint(
      id: store.nextID(at: time), name: name, region: "us-east-1", account: "000000000000", createdAt: time)
    let variant = Deployment.Variant(
      config: .init(
        name: "AllTraffic", modelName: "m", instanceType: "ml.c5.large", instanceCount: 1, weight: 1,
        startupSeconds: 60),
      containers: [.init(image: "htr/page", dataURI: "s3://b/m.tar.gz", environment: ["A": "b"])])
    endpoint.incoming = Deployment(number: 1, configName: "c", variants: [variant], createdAt: time)
    endpoint.lastDeployment = 1
    return endpoint
  }

  private func advanced(_ endpoint: Endpoint, to status: EndpointStatus) -> Endpoint {
    var next = endpoint
    next.status = status
    next.version += 1
    next.modifiedAt = Timestamp(milliseconds: endpoint.modifiedAt.milliseconds + 1000)
    return next
  }

  @Test func `an endpoint is found again as it was, also after the store is opened anew`() async throws {
    try await withStore { store, path in
      let made = endpoint("My-Endpoint", store)
      try await store.insert(made, tags: [Tag(key: "k", value: "v")], events: [event])
      var serving = advanced(made, to: .inService)
      (serving.deployed, serving.incoming) = (made.incoming, nil)
      serving.failureReason = "a reason"
      try await store.update(serving, event: EventRecord(at: serving.modifiedAt, kind: "ready", detail: ""))
      let again = try Store(path: path)
      #expect(try again.allEndpoints().endpoints == [serving])
      #expect(try await again.endpoint(named: "My-Endpoint") == serving)
      #expect(try await again.endpoint(named: "my-endpoint") == nil)
      #expect(try await again.endpoint(withARNName: "my-endpoint") == serving)
      #expect(try await again.tags(on: made.arn) == [Tag(key: "k", value: "v")])
      #expect(try await again.events(ofEndpoint: serving).map(\.kind) == ["k", "ready"])
      #expect(try await again.countEndpoints() == ["InService": 1])
    }
  }

  @Test func `ids go on after the greatest of any table`() async throws {
    try await withStore { store, path in
      let future = Timestamp(milliseconds: Timestamp.now().milliseconds + 86_400_000)
      try await store.insert(endpoint("a", store, at: future), tags: [], events: [])
      let greatest = try #require(try store.allEndpoints().endpoints.last).id
      #expect(try Store(path: path).nextID(at: .now()) > greatest)
    }
  }

  @Test func `of many who create one name at once exactly one wins and the others leave nothing`() async throws {
    try await withStore { store, path in
      let wins = await withTaskGroup(of: Bool.self) { group in
        for number in 0..<32 {
          let made = endpoint(number % 2 == 0 ? "same" : "SAME", store)
          group.addTask {
            do throws(StoreError) {
              try await store.insert(made, tags: [Tag(key: "n\(number)", value: "")], events: [event])
              return true
            } catch {
              #expect(error.code == .nameTaken)
              return false
            }
          }
        }
        return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(wins == 1)
      let rows = try await countRows(["endpoints", "tags", "endpoint_events"], at: path)
      #expect(rows == [1, 1, 1])
    }
  }

  @Test func `an update of an older version is a conflict and changes nothing`() async throws {
    try await withStore { store, _ in
      let made = endpoint("a", store)
      try await store.insert(made, tags: [], events: [event])
      let serving = advanced(made, to: .inService)
      try await store.update(serving, event: event)
      let error = await #expect(throws: StoreError.self) {
        try await store.update(advanced(made, to: .failed), event: event)
      }
      #expect(error?.code == .conflict)
      #expect(try await store.endpoint(named: "a") == serving)
      #expect(try await store.events(ofEndpoint: made).count == 2)
    }
  }

  @Test func `deleting an endpoint removes everything about it and frees its name`() async throws {
    try await withStore { store, path in
      let made = endpoint("a", store)
      try await store.insert(made, tags: [Tag(key: "k", value: "v")], events: [event])
      let figure = EndpointFigure(variant: "v", name: "requests", minute: .now(), value: 1)
      try await store.add([figure], ofEndpoint: made.id)
      #expect(try await store.delete(made))
      #expect(try await !store.delete(made))
      let tables = ["endpoints", "tags", "endpoint_events", "endpoint_figures"]
      #expect(try await countRows(tables, at: path) == [0, 0, 0, 0])
      try await store.insert(endpoint("a", store), tags: [], events: [event])
      let error = await #expect(throws: StoreError.self) {
        try await store.update(advanced(made, to: .failed), event: event)
      }
      #expect(error?.code == .conflict)
    }
  }

  @Test func `the oldest events go when there are too many`() async throws {
    try await withStore { store, _ in
      let most = Store.maximumEndpointEvents
      let events = (1...(most + 5)).map { EventRecord(at: Timestamp(milliseconds: 1), kind: "\($0)", detail: "") }
      var made = endpoint("a", store)
      let other = endpoint("b", store)
      try await store.insert(made, tags: [], events: events)
      try await store.insert(other, tags: [], events: [event])
      #expect(try await store.events(ofEndpoint: made).map(\.kind) == (6...(most + 5)).map { "\($0)" })
      made = advanced(made, to: .inService)
      try await store.update(made, event: event)
      let kept = try await store.events(ofEndpoint: made)
      #expect(kept.count == most && kept.first?.kind == "7" && kept.last?.kind == "k")
      #expect(try await store.events(ofEndpoint: other) == [event])
    }
  }

  @Test(arguments: ["torn", "{}", #"{"lastDeployment":1,"deployed":{}}"#])
  func `a row that cannot be read is kept, listed and named, and can be deleted`(state: String) async throws {
    try await withStore { store, path in
      for name in ["a", "b"] { try await store.insert(endpoint(name, store), tags: [], events: [event]) }
      try await DatabaseQueue(path: path).write { db in
        try db.execute(sql: "UPDATE endpoints SET state = ? WHERE name = 'a'", arguments: [state])
      }
      let (endpoints, unreadable) = try store.allEndpoints()
      #expect(endpoints.map(\.name) == ["b"])
      #expect(unreadable == ["a"])
      let error = await #expect(throws: StoreError.self) { try await store.endpoint(named: "a") }
      #expect(error?.code == .unreadable)
      let listed = try await store.endpoints(matching: ResourceQuery())
      #expect(listed.map(\.name) == ["a", "b"])
      let first = try #require(listed.first)
      #expect(try await store.delete(first))
      #expect(try store.allEndpoints().unreadable == [])
    }
  }

  @Test(arguments: ["Stopped", "", "inservice", "OutOfService"])
  func `the schema itself refuses a status that is none`(status: String) async throws {
    try await withStore { store, path in
      try await store.insert(endpoint("a", store), tags: [], events: [event])
      await #expect(throws: DatabaseError.self) {
        try await DatabaseQueue(path: path).write {
          try $0.execute(sql: "UPDATE endpoints SET status = ?", arguments: [status])
        }
      }
    }
  }

  @Test func `summaries are filtered by status and times, and sorted by status page by page`() async throws {
    try await withStore { store, _ in
      for (number, status) in [EndpointStatus.inService, .failed, .inService, .deleting, .updating].enumerated() {
        let made = endpoint("e\(number)", store, at: Timestamp(milliseconds: Int64(1000 * number)))
        try await store.insert(made, tags: [], events: [])
        try await store.update(advanced(made, to: status), event: event)
      }
      func names(_ change: (inout ResourceQuery) -> Void) async throws -> [String] {
        var query = ResourceQuery()
        change(&query)
        return try await store.endpoints(matching: query).map(\.name)
      }
      #expect(try await names { $0.status = "InService" } == ["e0", "e2"])
      #expect(try await names { $0.modifiedAfter = Timestamp(milliseconds: 4000) } == ["e4"])
      #expect(try await names { $0.createdBefore = Timestamp(milliseconds: 1000) } == ["e0"])
      #expect(try await names { $0.order = .status } == ["e3", "e1", "e0", "e2", "e4"])
      let found = try await store.endpoint(named: "e0")
      let third = try #require(found)
      #expect(
        try await names {
          $0.order = .status
          $0.after = ("InService", third.id)
        } == ["e2", "e4"])
      let listed = try await store.endpoints(matching: ResourceQuery())
      let shown = try #require(listed.first)
      #expect(shown.status == .inService && shown.version == 2 && shown.deployed == nil)
      #expect(shown.modifiedAt == Timestamp(milliseconds: 1000))
    }
  }
}
