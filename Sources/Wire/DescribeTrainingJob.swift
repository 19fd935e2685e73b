public import HostKit
public import JSONKit
public import Resources

extension TrainingJob {
  /// Members that DescribeTrainingJob echoes from the request as they were sent.
  private static let echoedMembers = [
    "HyperParameters", "RoleArn", "InputDataConfig", "ResourceConfig", "StoppingCondition",
    "CheckpointConfig", "Environment", "DebugHookConfig", "ProfilerConfig", "RetryStrategy",
  ]

  /// The DescribeTrainingJob answer (wire contract 4.2).
  public func describeJSON(now: Timestamp) -> JSON {
    var answer: [(key: String, value: JSON)] = [
      ("TrainingJobName", .string(name)),
      ("TrainingJobArn", .string(arn.description)),
      ("ModelArtifacts", ["S3ModelArtifacts": .string(modelURI)]),
      ("TrainingJobStatus", .string(status.rawValue)),
      ("SecondaryStatus", .string(secondaryStatus.rawValue)),
    ]
    if let failureReason { answer.append(("FailureReason", .string(failureReason))) }
    for member in Self.echoedMembers {
      if let value = request[member] { answer.append((member, value)) }
    }
    answer += [
      ("AlgorithmSpecification", algorithmSpecification),
      ("OutputDataConfig", outputDataConfig),
      ("CreationTime", .number(createdAt.seconds)),
      ("LastModifiedTime", .number(modifiedAt.seconds)),
      ("SecondaryStatusTransitions", .array(transitions.map(\.describeJSON))),
      ("EnableNetworkIsolation", false),
      (
        "EnableInterContainerTrafficEncryption",
        .bool(request["EnableInterContainerTrafficEncryption"]?.bool ?? false)
      ),
      ("EnableManagedSpotTraining", .bool(request["EnableManagedSpotTraining"]?.bool ?? false)),
    ]
    appendTimes(to: &answer, now: now)
    if !finalMetrics.isEmpty {
      answer.append(("FinalMetricDataList", .array(finalMetrics.map(\.describeJSON))))
    }
    return .object(.init(answer))
  }

  private func appendTimes(to answer: inout [(key: String, value: JSON)], now: Timestamp) {
    if let trainingStartedAt {
      answer.append(("TrainingStartTime", .number(trainingStartedAt.seconds)))
      // Clients print these and expect integers of at least 1.
      let seconds = Int64(max(1, secondsTrained(now: now).rounded(.up)))
      answer.append(("TrainingTimeInSeconds", .integer(seconds)))
      answer.append(("BillableTimeInSeconds", .integer(seconds)))
    }
    if let endedAt { answer.append(("TrainingEndTime", .number(endedAt.seconds))) }
  }

  /// `attach` subscripts KmsKeyId, so it is there even when it is empty.
  private var outputDataConfig: JSON {
    var config = request["OutputDataConfig"]?.object ?? .init()
    if config["KmsKeyId"] == nil { config["KmsKeyId"] = "" }
    return .object(config)
  }

  private var algorithmSpecification: JSON {
    request["AlgorithmSpecification"] ?? .object(.init())
  }

  /// Where the model is, or will be: told from the start, as SageMaker does.
  public var modelURI: String {
    let base = "\(outputPrefix)/\(name)/output"
    let isCompressed = request["OutputDataConfig"]?["CompressionType"]?.string != "NONE"
    return isCompressed ? "\(base)/model.tar.gz" : "\(base)/model/"
  }

  public var outputURI: String { "\(outputPrefix)/\(name)/output/output.tar.gz" }

  private var outputPrefix: String {
    var prefix = request["OutputDataConfig"]?["S3OutputPath"]?.string ?? ""
    while prefix.hasSuffix("/") { prefix.removeLast() }
    return prefix
  }

  /// One row of ListTrainingJobs.
  public var summaryJSON: JSON {
    .members([
      "TrainingJobName": .string(name), "TrainingJobArn": .string(arn.description),
      "CreationTime": .number(createdAt.seconds),
      "TrainingEndTime": endedAt.map { .number($0.seconds) },
      "LastModifiedTime": .number(modifiedAt.seconds),
      "TrainingJobStatus": .string(status.rawValue),
      "SecondaryStatus": .string(secondaryStatus.rawValue),
    ])
  }
}

extension TrainingJob.Transition {
  fileprivate var describeJSON: JSON {
    .members([
      "Status": .string(status.rawValue), "StartTime": .number(startedAt.seconds),
      "EndTime": endedAt.map { .number($0.seconds) }, "StatusMessage": .string(message),
    ])
  }
}

extension TrainingJob.FinalMetric {
  fileprivate var describeJSON: JSON {
    ["MetricName": .string(name), "Value": .number(value), "Timestamp": .number(at.seconds)]
  }
}
