/// Members of the API that are not built here, with the reason that the caller gets.
enum Refused {
  static let request = [
    "VpcConfig": "jobs run on this machine and no network is separated for them",
    "EnableNetworkIsolation": "jobs are not cut off from the network yet",
    "DebugRuleConfigurations": "no debugger rules are run",
    "ProfilerRuleConfigurations": "no profiler rules are run",
    "TensorBoardOutputConfig": "write TensorBoard files to the model or output folder instead",
    "ExperimentConfig": "experiments are not tracked",
    "RemoteDebugConfig": "attach a debugger to the process on this machine instead",
    "InfraCheckConfig": "there is no cluster to check",
    "SessionChainingConfig": "there are no IAM sessions",
    "ServerlessJobConfig": "serverless jobs are not offered",
    "MlflowConfig": "MLflow is not connected",
    "ModelPackageConfig": "there is no model registry",
  ]
  static let algorithm = [
    "TrainingImageConfig": "images are names of local runtimes and are not pulled"
  ]
  static let resources = [
    "InstanceGroups": "a job runs on one machine",
    "VolumeKmsKeyId": "volumes are not encrypted by htr; use an encrypted disk for HTR_HOME",
    "TrainingPlanArn": "there are no training plans",
    "InstancePlacementConfig": "a job runs on one machine",
    "KeepAlivePeriodInSeconds": "there is no instance to keep warm",
  ]
  static let output = ["KmsKeyId": "artifacts are not encrypted by htr; use an encrypted disk for HTR_HOME"]
  static let channel = ["ShuffleConfig": "shuffle in the algorithm instead"]
  static let dataSource = [
    "FileSystemDataSource": "name the folder as file:///path in S3Uri instead",
    "DatasetSource": "give the data as S3Uri",
  ]
  static let s3Source = [
    "InstanceGroupNames": "a job runs on one machine", "ModelAccessConfig": "there is no model hub",
    "HubAccessConfig": "there is no model hub",
  ]
}

/// What models may not ask for.
extension Refused {
  static let model = [
    "VpcConfig": "models are served on this machine and no network is separated for them",
    "EnableNetworkIsolation": "workers are not cut off from the network yet",
  ]
  static let container = [
    "ModelPackageName": "there is no model registry; name Image and ModelDataUrl instead",
    "InferenceSpecificationName": "there is no model registry",
    "MultiModelConfig": "a worker serves one model; give each model its own variant or endpoint",
    "AdditionalModelDataSources": "put everything that the model needs into its one archive",
    "ContainerMetricsConfig": "htr measures requests itself and shows them at /metrics",
  ]
  static let modelSource = [
    "ModelAccessConfig": "there is no model hub", "HubAccessConfig": "there is no model hub",
    "ManifestS3Uri": "name the archive in S3Uri", "ManifestEtag": "name the archive in S3Uri",
    "ETag": "htr keeps the archive's SHA-256 digest and serves nothing else",
  ]
}

/// What endpoints and their configurations may not ask for.
extension Refused {
  static let endpointConfig = [
    "ShadowProductionVariants": "requests are not copied to a second model",
    "DataCaptureConfig": "requests and answers are not recorded",
    "KmsKeyId": "models are not encrypted by htr; use an encrypted disk for HTR_HOME",
    "VpcConfig": "endpoints run on this machine and no network is separated for them",
    "EnableNetworkIsolation": "workers are not cut off from the network yet",
    "ExplainerConfig": "there is no explainer",
    "MetricsConfig": "htr's metrics are always complete and at /metrics",
    "CrossRegionTrafficConfig": "there is one machine",
  ]
  static let variant = [
    "ServerlessConfig": "workers are always there; give InitialInstanceCount instead",
    "AcceleratorType": "there are no elastic accelerators",
    "CoreDumpConfig": "core dumps go where this machine puts them",
    "ManagedInstanceScaling": "the number of workers changes by UpdateEndpointWeightsAndCapacities only",
    "InferenceAmiVersion": "workers run on this machine's own system",
    "InstancePools": "there is one machine",
    "CapacityReservationConfig": "there is nothing to reserve",
    "AcceleratorPartitionLayouts": "accelerators are not partitioned",
    "EnableSSMAccess": "workers are processes of this machine",
  ]
  static let asyncOutput = [
    "KmsKeyId": "answers are not encrypted by htr; use an encrypted disk for HTR_HOME",
    "NotificationConfig": "there is no SNS; wait for the object at OutputLocation or FailureLocation",
  ]
  static let routing = ["PrefixAwareRoutingConfig": "requests go to the worker with the fewest in hand"]
  /// Why traffic moves in one way only.
  static let allAtOnce =
    "all traffic moves at once, when the new workers are healthy; use BlueGreenUpdatePolicy with ALL_AT_ONCE or leave it out"
  static let deployment = ["RollingUpdatePolicy": allAtOnce]
  static let trafficRouting = ["CanarySize": allAtOnce, "LinearStepSize": allAtOnce]
  static let rollback = [
    "Alarms": "there are no CloudWatch alarms; an update whose workers do not become healthy is rolled back by itself"
  ]
  static let weightChange = ["ServerlessUpdateConfig": "workers are always there; give DesiredInstanceCount instead"]
}

/// What transform jobs may not ask for.
extension Refused {
  static let transform = [
    "DataCaptureConfig": "requests and answers are not recorded beside the outputs",
    "ExperimentConfig": "experiments are not tracked",
  ]
  static let transformResources = [
    "VolumeKmsKeyId": "volumes are not encrypted by htr; use an encrypted disk for HTR_HOME",
    "TransformAmiVersion": "workers run on this machine's own system",
  ]
}
