public import HostKit

/// Why an archive could not be written or unpacked: which archive, which member, what is wrong with it.
public struct ArchiveError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Code: Sendable {
    /// A member that we never take: a link, a device, a path that leads out, a name that is taken twice.
    case forbiddenMember
    /// More members, bytes, depth or compression than the limits allow.
    case limitExceeded
    /// Truncated, corrupted, or no archive at all.
    case damaged
    /// The folder to unpack into holds something already.
    case notEmpty
    /// A file shrank or was replaced while it was packed.
    case changed
    /// The machine said no; `cause` has its answer.
    case system
  }

  public let code: Code
  public let archive: String
  public let member: String?
  public let reason: String
  /// The failed call behind it, for callers that tell a full disk from other failures.
  public let cause: SystemError?

  public init(
    _ code: Code, archive: String, member: String? = nil, reason: String, cause: SystemError? = nil
  ) {
    self.code = code
    self.archive = archive
    self.member = member
    self.reason = reason
    self.cause = cause
  }

  init(archive: String, member: String? = nil, _ cause: SystemError) {
    self.init(.system, archive: archive, member: member, reason: cause.description, cause: cause)
  }

  public var description: String {
    if let member { "archive \(archive): member '\(member)': \(reason)" } else { "archive \(archive): \(reason)" }
  }
}
