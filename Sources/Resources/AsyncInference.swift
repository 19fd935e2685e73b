public import HostKit
public import JSONKit

/// How an endpoint answers asynchronous invocations: the AsyncInferenceConfig of its configuration.
public struct AsyncInference: Sendable, Equatable {
  /// As it was asked for, and is told again.
  public let request: JSON

  public init(request: JSON) { self.request = request }

  /// `s3://BUCKET/PREFIX` for answers.
  public var outputPath: String { request["OutputConfig"]?["S3OutputPath"]?.string ?? "" }
  /// Where failures go; unless it is named, beside the answers.
  public var failurePath: String { request["OutputConfig"]?["S3FailurePath"]?.string ?? outputPath }
  /// Requests that each worker gets at a time; nil leaves it to htr.
  public var requestsPerInstance: Int? {
    (request["ClientConfig"]?["MaxConcurrentInvocationsPerInstance"]?.integer).map { Int($0) }
  }
}

/// An asynchronous invocation that was accepted and has not ended.
public struct AsyncInvocation: Sendable, Equatable {
  /// Ordered by arrival.
  public let id: Int64
  public let endpointID: Int64
  public let endpoint: String
  public let inferenceID: String
  /// `s3://BUCKET/KEY` of the request's body, and of what becomes of it.
  public let input: String
  public let output: String
  public let failure: String
  public let contentType: String?
  public let accept: String?
  public let customAttributes: String?
  /// When it has waited too long.
  public let expiresAt: Timestamp
  /// For the worker.
  public let timeoutSeconds: Double

  public init(
    id: Int64, endpointID: Int64, endpoint: String, inferenceID: String, input: String, output: String,
    failure: String, contentType: String?, accept: String?, customAttributes: String?, expiresAt: Timestamp,
    timeoutSeconds: Double
  ) {
    self.id = id
    self.endpointID = endpointID
    self.endpoint = endpoint
    self.inferenceID = inferenceID
    self.input = input
    self.output = output
    self.failure = failure
    self.contentType = contentType
    self.accept = accept
    self.customAttributes = customAttributes
    self.expiresAt = expiresAt
    self.timeoutSeconds = timeoutSeconds
  }
}
