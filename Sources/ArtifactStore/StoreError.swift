public import HostKit

/// Why something could not be stored, found or brought to a job.
public struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Code: Sendable {
    case invalidBucketName, invalidKey, noSuchBucket, noSuchObject, bucketNotEmpty
    /// Fewer or more bytes came than were announced.
    case incompleteBody
    /// The bytes are not those that were signed.
    case digestMismatch
    /// The bytes do not fit the sum that came with them.
    case badDigest
    /// What is there is not what the request wants to find.
    case conditionFailed
    /// The file system keeps no such attributes, or not so large ones; or S3 allows no larger ones.
    case metadataTooLarge
    case noSuchUpload, invalidPart, invalidPartOrder, partTooSmall
    /// A channel's location holds nothing.
    case noInput
    /// A source that is not there, not readable, or not what the request says it is.
    case unreadableInput
    case invalidManifest
    /// A link that leads out, a device, a key that is no file name.
    case forbiddenInput
    case limitExceeded
    case cancelled
    /// The machine said no; `cause` has its answer.
    case system
  }

  public let code: Code
  public let message: String
  public let cause: SystemError?

  public init(_ code: Code, _ message: String, cause: SystemError? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  public init(_ cause: SystemError) { self.init(.system, cause.description, cause: cause) }

  public var description: String { message }

  /// Whether the request or its data is at fault (SageMaker's `ClientError`), not this machine.
  public var isClientFault: Bool { code != .system && code != .cancelled }

  static func wrapping<Result: ~Copyable>(
    _ body: () throws(SystemError) -> Result
  ) throws(StoreError) -> Result {
    do { return try body() } catch { throw StoreError(error) }
  }
}
