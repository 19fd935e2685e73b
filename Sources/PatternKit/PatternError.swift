/// Why a regular expression is not taken.
public struct PatternError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Code: Sendable {
    /// Not a regular expression, or one that uses what we switch off.
    case syntax
    /// One that some lines would keep busy for ever.
    case backtracks
  }

  public let code: Code
  public let pattern: String
  public let reason: String
  /// Where in the pattern, in UTF-8 bytes from its beginning.
  public let offset: Int?

  init(_ code: Code, pattern: String, reason: String, offset: Int? = nil) {
    self.code = code
    self.pattern = pattern
    self.reason = reason
    self.offset = offset
  }

  public var description: String {
    switch code {
    case .syntax:
      "the regular expression '\(pattern)' is invalid\(offset.map { " at byte \($0)" } ?? ""): \(reason)"
    case .backtracks:
      "the regular expression '\(pattern)' backtracks without bound: \(reason). Avoid a repeat inside a repeat, "
        + "as in (a+)+ or (.*)*: repeat once, and name the characters that may stand there, as in ([0-9.]+)"
    }
  }
}
