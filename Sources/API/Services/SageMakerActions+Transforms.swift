import ControlPlane
import JSONKit
import Wire

extension SageMakerActions {
  /// The actions on transform jobs; nil for any other action.
  func performOnTransformJobs(_ action: String, _ request: JSON, region: String) async throws -> Outcome? {
    let jobs = daemon.transformJobs
    switch action {
    case "CreateTransformJob":
      return .init(json: try await jobs.create(CreateTransformJobRequest(json: request), region: region))
    case "DescribeTransformJob": return .init(json: try await jobs.describe(.init(json: request)))
    case "ListTransformJobs": return .init(json: try await jobs.list(.init(json: request)))
    case "StopTransformJob":
      try await jobs.stop(.init(json: request))
      return .init(json: nil)
    default: return nil
    }
  }
}
