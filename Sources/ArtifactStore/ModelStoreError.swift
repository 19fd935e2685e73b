import ArchiveKit
public import HostKit

/// Why a model archive could not be unpacked or handed out. The message is for the model's owner.
public struct ModelStoreError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Code: Sendable {
    /// The archive is not there, or nothing that can be read.
    case unreadable
    /// Its bytes are not those that the model was created with.
    case changed
    case notAnArchive
    /// Cut off or garbled.
    case damaged
    /// A link, a device, a path that leads out.
    case forbiddenMember
    /// More members, bytes or compression than the limits allow.
    case tooLarge
    /// The disk has no room; `cause` says so too, and nothing was left behind.
    case diskFull
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

  public var description: String { message }

  /// Whether the archive is at fault, so that another try can only fail again, and not this machine.
  public var isArchiveFault: Bool { code != .diskFull && code != .system }

  init(_ cause: SystemError) {
    if cause.isFull {
      self.init(.diskFull, "The disk is full: \(cause). Free some space and try again.", cause: cause)
    } else {
      self.init(.system, "\(cause)", cause: cause)
    }
  }

  init(_ error: StoreError) {
    if let cause = error.cause { self.init(cause) } else { self.init(.system, error.message) }
  }

  static func wrapping<Result: ~Copyable>(
    _ body: () throws(SystemError) -> Result
  ) throws(ModelStoreError) -> Result {
    do { return try body() } catch { throw ModelStoreError(error) }
  }
}
