/// Why one line of a manifest cannot be used: the file, the line (counted from 1) and the reason in plain words.
public struct ManifestFault: Error, Sendable, Equatable, CustomStringConvertible {
  public let file: String
  public let line: Int
  public let reason: String

  public init(file: String, line: Int, reason: String) {
    self.file = file
    self.line = line
    self.reason = reason
  }

  public var description: String { "\(file):\(line): \(reason)" }
}

/// What a manifest may hold at most. Each bound is checked before the memory is spent.
public struct ManifestLimits: Sendable, Equatable {
  public var lineBytes = 8 << 20
  public var lines = 1_000_000
  public var wordsPerPage = 20_000
  public var pointsPerPolygon = 1_000
  /// In characters as people count them (grapheme clusters).
  public var textLength = 200
  /// The largest distance of a coordinate from the image's corner, in pixels.
  public var coordinate = 1_000_000.0
  /// How many faults are kept word for word under `.skip`; the rest are only counted.
  public var keptFaults = 1_000

  public init() {}
}
