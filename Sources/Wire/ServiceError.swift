/// An error as AWS clients know it: the exception's name and a message for people.
public struct ServiceError: Error, Sendable, Equatable, CustomStringConvertible {
  public let code: Code
  public let message: String

  /// The exceptions that our actions answer with, and how they travel.
  public enum Code: String, Sendable, CaseIterable {
    case validation = "ValidationException"
    /// The runtime's word for it.
    case validationError = "ValidationError"
    case throttling = "ThrottlingException"
    case resourceInUse = "ResourceInUse"
    case resourceLimitExceeded = "ResourceLimitExceeded"
    case serialization = "SerializationException"
    case unknownOperation = "UnknownOperationException"
    case accessDenied = "AccessDeniedException"
    /// IAM's word for a user or role that is not there.
    case noSuchEntity = "NoSuchEntity"
    // CloudWatch's words.
    case resourceNotFound = "ResourceNotFoundException"
    case resourceAlreadyExists = "ResourceAlreadyExistsException"
    case invalidParameter = "InvalidParameterException"
    case invalidParameterValue = "InvalidParameterValueException"
    case requestEntityTooLarge = "RequestEntityTooLargeException"
    case serviceUnavailable = "ServiceUnavailable"
    case internalFailure = "InternalFailure"

    /// Clients retry 5xx by themselves; everything that is their own fault is a 400, as AWS's JSON services do it.
    public var httpStatus: Int {
      switch self {
      case .accessDenied: 403
      case .throttling: 429
      case .noSuchEntity: 404
      case .requestEntityTooLarge: 413
      case .serviceUnavailable: 503
      case .internalFailure: 500
      default: 400
      }
    }
  }

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public static func validation(_ message: String) -> ServiceError { .init(.validation, message) }

  public var description: String { "\(code.rawValue): \(message)" }
}
