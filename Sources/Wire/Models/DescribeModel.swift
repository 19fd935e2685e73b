import HostKit
public import JSONKit
public import Resources

extension Model {
  /// The DescribeModel answer.
  public var describeJSON: JSON {
    .members([
      "ModelName": .string(name), "PrimaryContainer": request["PrimaryContainer"],
      "Containers": request["Containers"], "InferenceExecutionConfig": request["InferenceExecutionConfig"],
      "ExecutionRoleArn": request["ExecutionRoleArn"], "CreationTime": .number(createdAt.seconds),
      "ModelArn": .string(arn.description), "EnableNetworkIsolation": false,
    ])
  }

  /// One row of ListModels.
  public var summaryJSON: JSON {
    [
      "ModelName": .string(name), "ModelArn": .string(arn.description), "CreationTime": .number(createdAt.seconds),
    ]
  }
}
