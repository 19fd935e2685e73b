/// What a training job asks for, as far as its worker can see it.
public struct TrainingContext: Sendable {
  /// One channel of input data.
  public struct Channel: Sendable {
    public var name: String
    /// `File` or `FastFile`.
    public var inputMode: String
    public var contentType: String?
    /// `None` or `RecordIO`.
    public var recordWrapper: String?
    /// `FullyReplicated` or `ShardedByS3Key`.
    public var distribution: String

    public init(
      name: String, inputMode: String = "File", contentType: String? = nil,
      recordWrapper: String? = nil, distribution: String = "FullyReplicated"
    ) {
      self.name = name
      self.inputMode = inputMode
      self.contentType = contentType
      self.recordWrapper = recordWrapper
      self.distribution = distribution
    }
  }

  public var jobName: String
  public var jobArn: String
  public var region: String
  /// The request's TrainingImage or AlgorithmName.
  public var image: String
  public var instanceType: String
  /// Cores and GPUs that the job's slot grants.
  public var cpus: Int
  public var gpus: Int
  /// The request's HyperParameters as they were sent.
  public var hyperparameters: [String: String]
  public var channels: [Channel]
  /// The request's Environment.
  public var environment: [String: String]
  public var layout: TrainingLayout
  /// The script to run; nil: what the hyperparameter `sagemaker_program` says.
  public var entryPoint: String?
  /// Where the source came from; nil: what the hyperparameter `sagemaker_submit_directory` says.
  public var sourceURI: String?

  public init(
    jobName: String, jobArn: String, region: String, image: String, instanceType: String,
    cpus: Int, gpus: Int, hyperparameters: [String: String] = [:], channels: [Channel] = [],
    environment: [String: String] = [:], layout: TrainingLayout, entryPoint: String? = nil,
    sourceURI: String? = nil
  ) {
    self.jobName = jobName
    self.jobArn = jobArn
    self.region = region
    self.image = image
    self.instanceType = instanceType
    self.cpus = cpus
    self.gpus = gpus
    self.hyperparameters = hyperparameters
    self.channels = channels
    self.environment = environment
    self.layout = layout
    self.entryPoint = entryPoint
    self.sourceURI = sourceURI
  }

  /// The one host that every job of ours has, under the name that SageMaker gives it.
  static let host = "algo-1"
  static let instanceGroup = "homogeneousCluster"
}

extension TrainingContext {
  /// Hyperparameters that steer SageMaker's toolkit and are not the script's own.
  private static let reserved: Set<String> = [
    "sagemaker_program", "sagemaker_submit_directory", "sagemaker_enable_cloudwatch_metrics",
    "sagemaker_region", "sagemaker_container_log_level", "sagemaker_job_name",
    "default_user_module_name", "_tuning_objective_metric", "sagemaker_s3_output",
  ]

  /// The script's own hyperparameters, decoded and sorted by name.
  var userHyperparameters: [(key: String, value: PythonValue)] {
    decoded { !Self.reserved.contains($0) && !$0.hasPrefix("sagemaker_") }
  }

  /// Hyperparameters meant for a framework's own toolkit (`SM_FRAMEWORK_PARAMS`).
  var frameworkParameters: [(key: String, value: PythonValue)] {
    decoded { !Self.reserved.contains($0) && $0.hasPrefix("sagemaker_") }
  }

  private func decoded(
    _ isIncluded: (String) -> Bool
  ) -> [(key: String, value: PythonValue)] {
    PythonValue.sorted(
      hyperparameters.filter { isIncluded($0.key) }
        .map { (key: $0.key, value: PythonValue(hyperparameter: $0.value)) })
  }

  func toolkitHyperparameter(_ name: String) -> PythonValue? {
    hyperparameters[name].map { PythonValue(hyperparameter: $0) }
  }

  /// The entry point as the request names it, wherever it names it.
  var program: String? { entryPoint ?? toolkitHyperparameter("sagemaker_program")?.str }

  var moduleName: String? {
    program.map { $0.hasSuffix(".py") ? String($0.dropLast(3)) : $0 }
  }

  var moduleFolder: String {
    toolkitHyperparameter("sagemaker_submit_directory")?.str ?? sourceURI ?? layout.code
  }

  /// `--key value` for each of the script's own hyperparameters (`-k value` where the name has one character).
  var userArguments: [String] {
    userHyperparameters.flatMap { key, value in
      [(key.unicodeScalars.count > 1 ? "--" : key.isEmpty ? "" : "-") + key, value.argument]
    }
  }
}
