public import HostKit

/// An object that comes in parts, until they are put together or given up.
public struct MultipartUpload: Sendable, Equatable {
  public let id: String
  public let address: ObjectAddress
  /// What the object will bear; tag and checksum come with completion.
  public let attributes: ObjectAttributes
  /// What the object will be summed with, if the upload began so.
  public let checksum: ChecksumAlgorithm?
  /// Whether its checksum will be the sum of the parts' sums (`COMPOSITE`), not of its bytes (`FULL_OBJECT`).
  public let isComposite: Bool
  public let created: Timestamp
}

/// A part that has come.
public struct UploadPart: Sendable, Equatable {
  public static let numbers = 1...10_000
  /// What every part but the last must have, in bytes.
  public static let smallest: Int64 = 5 << 20

  public let number: Int
  public let size: Int64
  public let modified: Timestamp
  /// Without quotes.
  public let entityTag: String
  public let checksum: ObjectChecksum?
}

/// A part as the request that completes an upload names it.
public struct CompletionPart: Sendable, Equatable {
  public let number: Int
  /// Without quotes.
  public let entityTag: String
  public let checksum: ObjectChecksum?

  public init(number: Int, entityTag: String, checksum: ObjectChecksum? = nil) {
    self.number = number
    self.entityTag = entityTag
    self.checksum = checksum
  }
}
