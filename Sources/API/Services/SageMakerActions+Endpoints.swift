import ControlPlane
import JSONKit
import Wire

extension SageMakerActions {
  /// An action's answer; `json` is nil for actions that have none.
  struct Outcome {
    let json: JSON?
  }

  /// The actions on models, endpoint configurations and endpoints; nil for any other action.
  func performOnEndpoints(_ action: String, _ request: JSON, region: String) async throws -> Outcome? {
    let (models, configs, endpoints) = (daemon.models, daemon.endpointConfigs, daemon.endpoints)
    switch action {
    case "CreateModel": return .init(json: try await models.create(.init(json: request), region: region))
    case "DescribeModel": return .init(json: try await models.describe(.init(json: request), region: region))
    case "ListModels": return .init(json: try await models.list(.init(json: request)))
    case "DeleteModel":
      try await models.delete(.init(json: request), region: region)
      return .init(json: nil)
    case "CreateEndpointConfig": return .init(json: try await configs.create(.init(json: request), region: region))
    case "DescribeEndpointConfig": return .init(json: try await configs.describe(.init(json: request), region: region))
    case "ListEndpointConfigs": return .init(json: try await configs.list(.init(json: request)))
    case "DeleteEndpointConfig":
      try await configs.delete(.init(json: request), region: region)
      return .init(json: nil)
    case "CreateEndpoint": return .init(json: try await endpoints.create(.init(json: request), region: region))
    case "DescribeEndpoint": return .init(json: try await endpoints.describe(.init(json: request), region: region))
    case "ListEndpoints": return .init(json: try await endpoints.list(.init(json: request)))
    case "UpdateEndpoint":
      return .init(json: try await endpoints.update(UpdateEndpointRequest(json: request), region: region))
    case "UpdateEndpointWeightsAndCapacities":
      let change = try UpdateEndpointWeightsAndCapacitiesRequest(json: request)
      return .init(json: try await endpoints.update(change, region: region))
    case "DeleteEndpoint":
      try await endpoints.delete(.init(json: request), region: region)
      return .init(json: nil)
    default: return nil
    }
  }
}
