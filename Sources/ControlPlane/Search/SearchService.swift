import HostKit
public import JSONKit
import Persistence
import Resources
public import Wire

/// SageMaker's Search over the records of this daemon, looked at one by one: their number is that of one machine's work.
public struct SearchService: Sendable {
  private let store: Store
  private let endpoints: EndpointService
  /// Resources whose names are read at a time.
  private static let pageSize = 500

  init(_ parts: DaemonParts, endpoints: EndpointService) {
    store = parts.store
    self.endpoints = endpoints
  }

  private struct Hit {
    let key: SearchSortKey
    let id: Int64
    let name: String

    /// In the order of the answer; the newest first among equals, whichever way the rest is ordered.
    func precedes(_ other: Hit, ascending: Bool) -> Bool {
      if key != other.key { return ascending ? key < other.key : other.key < key }
      return id > other.id
    }
  }

  public func search(_ request: SearchRequest) async throws(ServiceError) -> JSON {
    guard let resource = request.resource else { return Self.answer([], total: 0, token: nil) }
    var hits: [Hit] = []
    do {
      try await forEachName(of: resource) { id, name in
        guard let record = try await record(resource, name), request.expression?.matches(record) ?? true else { return }
        hits.append(Hit(key: SearchSortKey(record, at: request.sortBy), id: id, name: name))
      }
      hits.sort { $0.precedes($1, ascending: request.isAscending) }
      let total = hits.count
      if let position = request.position {
        guard let key = SearchSortKey(position.value) else { throw ServiceError.validation("Invalid NextToken.") }
        let last = Hit(key: key, id: position.id, name: "")
        hits.removeAll { !last.precedes($0, ascending: request.isAscending) }
      }
      var records: [JSON] = []
      for hit in hits.prefix(request.limit) {
        // One that was deleted since is left out.
        if let record = try await record(resource, hit.name) { records.append(Self.wrapped(record, resource)) }
      }
      let last = hits.count > request.limit ? hits[request.limit - 1] : nil
      let token = last.map { request.token(after: ListPosition(value: $0.key.tokenText, id: $0.id)) }
      return Self.answer(records, total: total, token: token)
    } catch let error as ServiceError {
      throw error
    } catch let error as Persistence.StoreError {
      throw ServiceError(error)
    } catch { throw ServiceError(.internalFailure, "\(error)") }
  }

  private static func answer(_ records: [JSON], total: Int, token: String?) -> JSON {
    .members([
      "Results": .array(records), "NextToken": token.map { .string($0) },
      "TotalHits": ["Value": .integer(Int64(total)), "Relation": "EqualTo"],
    ])
  }

  /// The record under its kind's name; a model's is within that of SageMaker's dashboard.
  private static func wrapped(_ record: JSON, _ resource: SearchRequest.Resource) -> JSON {
    switch resource {
    case .trainingJob: ["TrainingJob": record]
    case .endpoint: ["Endpoint": record]
    case .model: ["Model": ["Model": record]]
    }
  }

  private func forEachName(
    of resource: SearchRequest.Resource, _ body: (Int64, String) async throws -> Void
  ) async throws {
    var query = ResourceQuery()
    query.limit = Self.pageSize
    while true {
      let page: [(id: Int64, name: String)] =
        switch resource {
        case .trainingJob: try await store.trainingJobs(matching: query).map { ($0.id, $0.name) }
        case .endpoint: try await store.endpoints(matching: query).map { ($0.id, $0.name) }
        case .model: try await store.models(matching: query).map { ($0.id, $0.name) }
        }
      for row in page { try await body(row.id, row.name) }
      guard page.count == Self.pageSize, let last = page.last else { return }
      query.after = ("", last.id)
    }
  }

  /// As Describe answers it, with its tags; nil when it is gone.
  private func record(_ resource: SearchRequest.Resource, _ name: String) async throws -> JSON? {
    let described: (json: JSON, arn: AmazonResourceName)?
    switch resource {
    case .trainingJob:
      described = try await store.trainingJob(named: name).map { ($0.describeJSON(now: .now()), $0.arn) }
    case .endpoint:
      guard let endpoint = try await store.endpoint(named: name) else { return nil }
      described = (Self.searched(await endpoints.describe(endpoint)), endpoint.arn)
    case .model: described = try await store.model(named: name).map { ($0.describeJSON, $0.arn) }
    }
    guard let (json, arn) = described, var record = json.object else { return nil }
    let tags = try await store.tags(on: arn)
    if !tags.isEmpty { record["Tags"] = .array(tags.map(\.json)) }
    return .object(record)
  }

  /// The members of an endpoint that SageMaker's search record has too.
  private static func searched(_ described: JSON) -> JSON {
    let left: Set<String> = ["AsyncInferenceConfig", "PendingDeploymentSummary"]
    return .object(.init((described.object?.members ?? []).filter { !left.contains($0.key) }))
  }
}
