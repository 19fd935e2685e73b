import HostKit
public import JSONKit
public import Resources

extension TransformJob {
  /// Members that DescribeTransformJob echoes from the request.
  private static let echoedMembers = [
    "ModelName", "MaxConcurrentTransforms", "ModelClientConfig", "MaxPayloadInMB", "BatchStrategy", "Environment",
    "TransformInput", "TransformOutput", "TransformResources", "DataProcessing",
  ]

  /// The DescribeTransformJob answer.
  public var describeJSON: JSON {
    var answer: [(key: String, value: JSON)] = [
      ("TransformJobName", .string(name)), ("TransformJobArn", .string(arn.description)),
      ("TransformJobStatus", .string(status.rawValue)),
    ]
    if let failureReason { answer.append(("FailureReason", .string(failureReason))) }
    for member in Self.echoedMembers {
      if let value = request[member] { answer.append((member, value)) }
    }
    answer.append(("CreationTime", .number(createdAt.seconds)))
    if let startedAt { answer.append(("TransformStartTime", .number(startedAt.seconds))) }
    if let endedAt { answer.append(("TransformEndTime", .number(endedAt.seconds))) }
    return .object(.init(answer))
  }

  /// One row of ListTransformJobs.
  public var summaryJSON: JSON {
    .members([
      "TransformJobName": .string(name), "TransformJobArn": .string(arn.description),
      "CreationTime": .number(createdAt.seconds), "TransformEndTime": endedAt.map { .number($0.seconds) },
      "LastModifiedTime": .number(modifiedAt.seconds), "TransformJobStatus": .string(status.rawValue),
      "FailureReason": failureReason.map { .string($0) },
    ])
  }
}
