import Glibc

/// A system call that failed: what was tried, on what, and the kernel's answer.
public struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
  public let operation: String
  public let subject: String
  public let code: Int32

  /// The failure that `errno` tells of now.
  public init(_ operation: String, _ subject: String) {
    self.init(operation, subject, code: errno)
  }

  public init(_ operation: String, _ subject: String, code: Int32) {
    self.operation = operation
    self.subject = subject
    self.code = code
  }

  public var reason: String { String(cString: strerror(code)) }
  public var description: String { "cannot \(operation) \(subject): \(reason)" }

  /// True when the file system has no room (or no quota) left.
  public var isFull: Bool { code == ENOSPC || code == EDQUOT }
}
