public import JSONKit
import Persistence
import Resources
public import Wire

/// AddTags, ListTags and DeleteTags for every kind of resource.
public struct TagService: Sendable {
  let store: Store

  public func list(_ request: ListTagsRequest) async throws(ServiceError) -> JSON {
    let resource = try await existing(request.resource)
    do { return Self.answer(try await store.tags(on: resource)) } catch { throw ServiceError(error) }
  }

  /// Overwrites per key and answers with all tags of the resource.
  public func add(_ request: AddTagsRequest) async throws(ServiceError) -> JSON {
    let resource = try await existing(request.resource)
    do {
      guard let tags = try await store.addTags(request.tags, to: resource) else {
        throw ServiceError(
          .resourceLimitExceeded, "A resource has at most \(Tag.maximumPerResource) tags (\(resource)).")
      }
      return Self.answer(tags)
    } catch let error as ServiceError {
      throw error
    } catch let error as StoreError {
      throw ServiceError(error)
    } catch { throw ServiceError(.internalFailure, "\(error)") }
  }

  public func delete(_ request: DeleteTagsRequest) async throws(ServiceError) -> JSON {
    let resource = try await existing(request.resource)
    do { try await store.deleteTags(request.keys, from: resource) } catch { throw ServiceError(error) }
    return .object(.init())
  }

  /// The resource's own ARN: names in ARNs are lower case, those of resources need not be.
  private func existing(_ arn: AmazonResourceName) async throws(ServiceError) -> AmazonResourceName {
    let found: AmazonResourceName?
    do {
      found =
        switch arn.kind {
        case .trainingJob: try await store.trainingJob(withARNName: arn.name)?.arn
        case .model: try await store.model(withARNName: arn.name)?.arn
        case .endpointConfig: try await store.endpointConfig(withARNName: arn.name)?.arn
        case .endpoint: try await store.endpoint(withARNName: arn.name)?.arn
        case .transformJob: try await store.transformJob(withARNName: arn.name)?.arn
        }
    } catch { throw ServiceError(error) }
    guard let found, found.description.lowercased() == arn.description.lowercased() else {
      throw .validation("Requested resource not found: \(arn)")
    }
    return found
  }

  private static func answer(_ tags: [Tag]) -> JSON { ["Tags": .array(tags.map(\.json))] }
}
