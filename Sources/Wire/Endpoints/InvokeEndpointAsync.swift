/// InvokeEndpointAsync: everything but the body travels in headers.
public struct InvokeEndpointAsyncRequest: Sendable {
  private static let prefix = "x-amzn-sagemaker-"
  private static let (usualTTL, longestTTL) = (21_600.0, 21_600.0)
  private static let (usualTimeout, longestTimeout) = (900.0, 3_600.0)
  private static let (longestID, longestAttributes, longestText, longestPath) = (64, 1024, 1024, 1024)

  public let endpoint: String
  /// nil: the request has its body with it.
  public let input: String?
  public let contentType: String?
  public let accept: String?
  public let customAttributes: String?
  public let inferenceID: String?
  /// What comes between the configuration's output path and the name of the answer's object.
  public let pathExtension: String?
  /// The name of the answer's object.
  public let fileName: String?
  public let ttlSeconds: Double
  public let timeoutSeconds: Double

  /// - Parameter header: the value of a header, by its name in lower case.
  public init(endpoint: String, header: (String) -> String?) throws(ServiceError) {
    func text(_ name: String, upTo longest: Int) throws(ServiceError) -> String? {
      guard let value = header(Self.prefix + name), !value.isEmpty else { return nil }
      guard value.utf8.count <= longest else {
        throw ServiceError(.validationError, "\(Self.prefix)\(name) is longer than \(longest) bytes.")
      }
      return value
    }
    func seconds(_ name: String, usual: Double, longest: Double) throws(ServiceError) -> Double {
      guard let value = try text(name, upTo: 16) else { return usual }
      guard let number = Int(value), (1...Int(longest)).contains(number) else {
        throw ServiceError(
          .validationError, "\(Self.prefix)\(name) is '\(value)': it must be a number from 1 to \(Int(longest)).")
      }
      return Double(number)
    }
    self.endpoint = endpoint
    input = try text("inputlocation", upTo: Self.longestPath)
    contentType = try text("content-type", upTo: Self.longestText)
    accept = try text("accept", upTo: Self.longestText)
    customAttributes = try text("custom-attributes", upTo: Self.longestAttributes)
    inferenceID = try text("inference-id", upTo: Self.longestID)
    pathExtension = try text("s3outputpathextension", upTo: Self.longestPath)
    fileName = try text("filename", upTo: Self.longestPath)
    ttlSeconds = try seconds("requestttlseconds", usual: Self.usualTTL, longest: Self.longestTTL)
    timeoutSeconds = try seconds("invocationtimeoutseconds", usual: Self.usualTimeout, longest: Self.longestTimeout)
  }
}

/// What InvokeEndpointAsync answers.
public struct InvokeEndpointAsyncAnswer: Sendable {
  public let inferenceID: String
  public let output: String
  public let failure: String

  public init(inferenceID: String, output: String, failure: String) {
    self.inferenceID = inferenceID
    self.output = output
    self.failure = failure
  }
}
