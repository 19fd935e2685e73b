import HostKit
import Persistence
import Resources
import Testing

@Suite(.timeLimit(.minutes(2))) struct EndpointFigureTableTests {
  private static let day: Int64 = 24 * 3600 * 1000
  private static let now = Timestamp(milliseconds: 1_800_000_000_000)

  private func withEndpoint(_ body: (Store, Int64) async throws -> Void) async throws {
    try await withStore { store, _ in
      let endpoint = Endpoint(
        id: store.nextID(at: Self.now), name: "e", region: "us-east-1", account: "000000000000", createdAt: Self.now)
      try await store.insert(endpoint, tags: [], events: [])
      try await body(store, endpoint.id)
    }
  }

  /// A figure some milliseconds from now.
  private func figure(_ name: String, _ value: Double, after offset: Int64 = 0, of variant: String = "v")
    -> EndpointFigure
  {
    EndpointFigure(
      variant: variant, name: name, minute: Timestamp(milliseconds: Self.now.milliseconds + offset), value: value)
  }

  private func all(_ store: Store, _ id: Int64, limit: Int = 100) async throws -> [EndpointFigure] {
    let end = Timestamp(milliseconds: Self.now.milliseconds + 100 * Self.day)
    return try await store.figures(ofEndpoint: id, from: Timestamp(milliseconds: 0), to: end, limit: limit)
  }

  @Test func `what falls into one minute is added up, by variant and name`() async throws {
    try await withEndpoint { store, id in
      try await store.add([figure("n", 1), figure("n", 2, after: 59_999), figure("m", 4)], ofEndpoint: id)
      try await store.add([figure("n", 8, after: 30_000), figure("n", 16, of: "w")], ofEndpoint: id)
      try await store.add([figure("n", 32, after: 60_000)], ofEndpoint: id)
      let expected = [
        figure("m", 4), figure("n", 11), figure("n", 16, of: "w"), figure("n", 32, after: 60_000),
      ]
      #expect(try await all(store, id) == expected)
    }
  }

  @Test func `a range of minutes ends before its end, and a limit keeps the latest`() async throws {
    try await withEndpoint { store, id in
      try await store.add((0..<5).map { figure("n", Double($0), after: $0 * 60_000) }, ofEndpoint: id)
      let some = try await store.figures(
        ofEndpoint: id, from: figure("", 0, after: 60_000).minute, to: figure("", 0, after: 180_000).minute)
      #expect(some.map(\.value) == [1, 2])
      #expect(try await all(store, id, limit: 2).map(\.value) == [3, 4])
    }
  }

  @Test func `figures go after fifteen days`() async throws {
    try await withEndpoint { store, id in
      try await store.add([figure("n", 1), figure("n", 2, after: 60_000)], ofEndpoint: id)
      try await store.add([figure("n", 3, after: 15 * Self.day)], ofEndpoint: id)
      #expect(try await all(store, id).map(\.value) == [1, 2, 3])
      try await store.add([figure("n", 4, after: 15 * Self.day + 60_000)], ofEndpoint: id)
      #expect(try await all(store, id).map(\.value) == [2, 3, 4])
    }
  }

  @Test func `no finite number is left out, and an endpoint that is gone is no error`() async throws {
    try await withEndpoint { store, id in
      try await store.add([figure("n", .nan), figure("n", .infinity), figure("n", 1)], ofEndpoint: id)
      #expect(try await all(store, id).map(\.value) == [1])
      try await store.add([figure("n", 1)], ofEndpoint: id + 1)
      try await store.add([], ofEndpoint: id)
      #expect(try await all(store, id + 1) == [])
    }
  }

  @Test(arguments: [4999, 5000, 5001, 12_000])
  func `any number of figures goes with its endpoint`(count: Int64) async throws {
    try await withStore { store, path in
      let kept = Endpoint(id: 1, name: "kept", region: "r", account: "1", createdAt: Self.now)
      let gone = Endpoint(id: 2, name: "gone", region: "r", account: "1", createdAt: Self.now)
      for endpoint in [kept, gone] { try await store.insert(endpoint, tags: [], events: []) }
      try await store.add([figure("n", 1)], ofEndpoint: kept.id)
      try await store.add((0..<count).map { figure("n\($0 % 3)", 1, after: $0 / 3 * 60_000) }, ofEndpoint: gone.id)
      #expect(try await store.delete(gone))
      #expect(try await countRows(["endpoint_figures", "endpoints"], at: path) == [1, 1])
    }
  }
}
