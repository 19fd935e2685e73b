/// A part of a stored model (weights, characters, language model, word list) that cannot be used.
public struct ModelFileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was read or written, such as `weights` or a path.
  public let subject: String
  public let reason: String

  public init(_ subject: String, _ reason: String) {
    self.subject = subject
    self.reason = reason
  }

  public var description: String { "cannot use \(subject): \(reason)" }
}
