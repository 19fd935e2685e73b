import ControlPlane
import JSONKit
import Signing
import Wire

/// `POST /` with an X-Amz-Target: the actions of SageMaker's control plane.
struct SageMakerActions {
  let daemon: Daemon

  private static let prefix = "SageMaker."

  /// The action's output; nil for actions that have none.
  func perform(target: String, body: [UInt8], identity: VerifiedIdentity) async throws -> JSON? {
    guard target.hasPrefix(Self.prefix) else {
      throw ServiceError(
        .unknownOperation, "The X-Amz-Target '\(target.prefix(100))' names no service that is offered here.")
    }
    let request: JSON
    do {
      request = try JSON(parsing: body.isEmpty ? Array("{}".utf8) : body)
    } catch { throw ServiceError(.serialization, "The request's body is \(error).") }
    let action = String(target.dropFirst(Self.prefix.count))
    if let answer = try await performOnEndpoints(action, request, region: identity.region) { return answer.json }
    let jobs = daemon.trainingJobs
    switch action {
    case "CreateTrainingJob":
      return try await jobs.create(CreateTrainingJobRequest(json: request), region: identity.region)
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
    default:
      throw ServiceError(.unknownOperation, "The action \(action.prefix(100)) is not offered by htr.")
    }
  }
}
