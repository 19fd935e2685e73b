import ArtifactStore
import Wire

extension TrainingJobService {
  /// What no object can be stored at is better refused now than when the training is over.
  func checkOutputs(of request: CreateTrainingJobRequest) throws(ServiceError) {
    let places = [
      ("OutputDataConfig.S3OutputPath", request.outputPath), ("CheckpointConfig.S3Uri", request.checkpointURI),
    ]
    for case (let member, let uri?) in places where uri.hasPrefix("s3://") {
      guard ObjectAddress("\(uri)/x") != nil else {
        throw .validation(
          "\(member) '\(uri.prefix(200))' names no bucket: bucket names have 3 to 63 lower-case letters, digits, "
            + "dots and hyphens.")
      }
    }
  }
}
