import ControlPlane
import JSONKit
import Wire

/// The actions of CloudWatch Logs.
struct LogsActions: JSONActions {
  static let service = ServiceName.logs
  static let targetPrefix = "Logs_20140328."

  let logs: LogService

  func perform(_ action: String, _ request: JSON, in region: String) async throws -> JSON? {
    switch action {
    case "DescribeLogGroups":
      return try await logs.describeGroups(DescribeLogGroupsRequest(json: request), region: region)
    case "DescribeLogStreams":
      return try await logs.describeStreams(DescribeLogStreamsRequest(json: request), region: region)
    case "GetLogEvents": return try await logs.events(GetLogEventsRequest(json: request))
    case "FilterLogEvents": return try await logs.filter(FilterLogEventsRequest(json: request))
    case "PutLogEvents": return try await logs.put(PutLogEventsRequest(json: request))
    case "CreateLogGroup": try await logs.createGroup(LogNameRequest(json: request, hasStream: false))
    case "DeleteLogGroup": try await logs.deleteGroup(LogNameRequest(json: request, hasStream: false))
    case "PutRetentionPolicy": try await logs.setRetention(RetentionPolicyRequest(json: request, hasDays: true))
    case "DeleteRetentionPolicy": try await logs.setRetention(RetentionPolicyRequest(json: request, hasDays: false))
    case "CreateLogStream": try await logs.createStream(LogNameRequest(json: request, hasStream: true))
    case "DeleteLogStream": try await logs.deleteStream(LogNameRequest(json: request, hasStream: true))
    default: throw ServiceError.unknownAction(action)
    }
    return nil
  }
}
