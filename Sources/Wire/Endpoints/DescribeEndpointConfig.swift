import HostKit
public import JSONKit
public import Resources

extension EndpointConfig {
  /// The DescribeEndpointConfig answer.
  public var describeJSON: JSON {
    .members([
      "EndpointConfigName": .string(name), "EndpointConfigArn": .string(arn.description),
      "ProductionVariants": request["ProductionVariants"], "CreationTime": .number(createdAt.seconds),
      "ExecutionRoleArn": request["ExecutionRoleArn"], "EnableNetworkIsolation": false,
      "AsyncInferenceConfig": request["AsyncInferenceConfig"], "DataCaptureConfig": request["DataCaptureConfig"],
    ])
  }

  /// One row of ListEndpointConfigs.
  public var summaryJSON: JSON {
    [
      "EndpointConfigName": .string(name), "EndpointConfigArn": .string(arn.description),
      "CreationTime": .number(createdAt.seconds),
    ]
  }
}
