/// Why a text could not be read as XML.
public struct MarkupError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Code: Sendable, Equatable {
    /// The text is no well-formed XML.
    case malformed
    /// XML that is well-formed, with something in it that is not read here.
    case unsupported
    case tooLarge
  }

  public let code: Code
  public let message: String
  /// Counted from 1; nil where it is not known.
  public let line: Int?

  public init(_ code: Code, _ message: String, line: Int? = nil) {
    self.code = code
    self.message = message
    self.line = line
  }

  public var description: String { line.map { "line \($0): \(message)" } ?? message }
}
