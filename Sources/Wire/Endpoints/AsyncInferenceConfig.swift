import JSONKit

extension ShapeReader {
  private static let mostRequestsPerInstance: Int64 = 1000

  /// Checks the AsyncInferenceConfig of an endpoint configuration.
  mutating func checkAsyncInference(_ json: JSON) {
    let path = "asyncInferenceConfig"
    guard let part = structure(json, "AsyncInferenceConfig", at: path) else { return }
    let client = structure(part, "ClientConfig", at: "\(path).clientConfig")
    _ = integer(
      client, "MaxConcurrentInvocationsPerInstance", at: "\(path).clientConfig.maxConcurrentInvocationsPerInstance",
      in: 1...Self.mostRequestsPerInstance)
    let output = structure(part, "OutputConfig", at: "\(path).outputConfig", required: true)
    refuse(output, Refused.asyncOutput, at: "AsyncInferenceConfig.OutputConfig.")
    for (name, member, isRequired) in [
      ("S3OutputPath", "s3OutputPath", true), ("S3FailurePath", "s3FailurePath", false),
    ] {
      _ = storedURI(
        output, name, at: "\(path).outputConfig.\(member)", place: "AsyncInferenceConfig.OutputConfig.\(name)",
        required: isRequired && output != nil)
    }
  }
}
