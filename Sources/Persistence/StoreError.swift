/// What can go wrong with the job store.
public struct StoreError: Error, Sendable, CustomStringConvertible {
  public enum Code: Sendable, Equatable {
    /// A resource of that name exists already.
    case nameTaken
    /// The record changed since it was read; read it again and decide again.
    case conflict
    /// The record is there but cannot be understood. It is kept as it is.
    case unreadable
    /// The database was written by a newer version of htr.
    case newerVersion
    /// The disk has no room: nothing was written.
    case diskFull
    /// The database cannot be opened, read or written.
    case unavailable
  }

  public let code: Code
  public let description: String

  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
