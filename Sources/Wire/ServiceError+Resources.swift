public import Resources

/// What is wrong with a resource that a request names, in SageMaker's own words: its SDK looks for them.
extension ServiceError {
  public static func couldNotFind(_ arn: AmazonResourceName) -> ServiceError {
    switch arn.kind {
    case .trainingJob: .validation("Requested resource not found.")
    case .transformJob: .validation("Could not find requested job with name: \(arn.name)")
    case .model, .endpointConfig, .endpoint: .validation("Could not find \(arn.kind.words) \"\(arn)\".")
    }
  }

  public static func alreadyExists(_ arn: AmazonResourceName) -> ServiceError {
    switch arn.kind {
    case .trainingJob:
      ServiceError(
        .resourceInUse,
        "Training job names must be unique within an AWS account and region, and a training job with this name already exists (\(arn))"
      )
    case .transformJob:
      ServiceError(
        .resourceInUse,
        "Job name must be unique within an AWS account and region, and a job with this name already exists (\(arn))")
    case .model, .endpointConfig, .endpoint:
      .validation("Cannot create already existing \(arn.kind.words) \"\(arn)\".")
    }
  }

  /// The endpoint is being created or updated: another update must wait for that.
  public static func updateInProgress(_ arn: AmazonResourceName) -> ServiceError {
    .validation("Cannot update in-progress \(arn.kind.words) \"\(arn)\".")
  }

  /// The endpoint is Failed or Deleting: no update can bring it back.
  public static func cannotUpdate(_ arn: AmazonResourceName, in status: EndpointStatus) -> ServiceError {
    let advice =
      status == .deleting ? "Wait until it is gone and create it again." : "Delete it and create it again."
    return .validation("Cannot update \(arn.kind.words) \"\(arn)\" in status \(status.rawValue). \(advice)")
  }

  /// The archive that a model names is not there.
  public static func missingModelData(_ uri: String) -> ServiceError {
    .validation("Could not find model data at \(uri)")
  }

  public static func unknownVariant(
    _ name: String, of arn: AmazonResourceName, known: [String]
  ) -> ServiceError {
    .validation(
      "Could not find variant \"\(name)\" of \(arn.kind.words) \"\(arn)\". It has \(known.joined(separator: ", ")).")
  }
}

extension AmazonResourceName.Kind {
  fileprivate var words: String {
    switch self {
    case .trainingJob: "training job"
    case .model: "model"
    case .endpointConfig: "endpoint configuration"
    case .endpoint: "endpoint"
    case .transformJob: "transform job"
    }
  }
}
