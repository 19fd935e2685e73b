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
