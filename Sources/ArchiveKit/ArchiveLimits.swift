/// What an archive may ask of this machine before we stop unpacking it.
public struct ArchiveLimits: Sendable, Equatable {
  public var maximumMembers: Int
  /// Unpacked bytes of all members together.
  public var maximumBytes: Int64
  /// Components of one member's path.
  public var maximumDepth: Int
  /// Unpacked bytes per packed byte; looked at only once more than 64 MB are unpacked, as small files of zeros are
  /// harmless.
  public var maximumRatio: Int64
  public var maximumPathBytes: Int

  public init(
    maximumMembers: Int = 100_000, maximumBytes: Int64 = 64 << 30, maximumDepth: Int = 64,
    maximumRatio: Int64 = 200, maximumPathBytes: Int = 4096
  ) {
    self.maximumMembers = maximumMembers
    self.maximumBytes = maximumBytes
    self.maximumDepth = maximumDepth
    self.maximumRatio = maximumRatio
    self.maximumPathBytes = maximumPathBytes
  }

  static let ratioStartsAt: Int64 = 64 << 20
}
