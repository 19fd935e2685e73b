import ControlPlane
import JSONKit
import Wire

/// The actions of SageMaker's control plane.
struct SageMakerActions: JSONActions {
  static let service = ServiceName.sagemaker
  static let targetPrefix = "SageMaker."

  let daemon: Daemon

  func perform(_ action: String, _ request: JSON, in region: String) async throws -> JSON? {
    if let answer = try await performOnEndpoints(action, request, region: region) { return answer.json }
    if let answer = try await performOnTransformJobs(action, request, region: region) { return answer.json }
    let jobs = daemon.trainingJobs
    switch action {
    case "CreateTrainingJob":
      return try await jobs.create(CreateTrainingJobRequest(json: request), region: region)
    case "DescribeTrainingJob": return try await jobs.describe(TrainingJobNameRequest(json: request).name)
    case "ListTrainingJobs": return try await jobs.list(ListTrainingJobsRequest(json: request))
    case "StopTrainingJob":
      try await jobs.stop(StopTrainingJobRequest(json: request))
      return nil
    case "DeleteTrainingJob":
      try await jobs.delete(TrainingJobNameRequest(json: request).name)
      return nil
    case "UpdateTrainingJob": return try await jobs.update(UpdateTrainingJobRequest(json: request))
    case "AddTags": return try await daemon.tags.add(AddTagsRequest(json: request))
    case "ListTags": return try await daemon.tags.list(ListTagsRequest(json: request))
    case "DeleteTags": return try await daemon.tags.delete(DeleteTagsRequest(json: request))
    case "Search": return try await daemon.search.search(SearchRequest(json: request))
    default: throw ServiceError.unknownAction(action)
    }
  }
}
