/// Why a page's bytes cannot be taken or made: a message that says what is wrong and what to do, with file and line
/// where they are known.
public struct PageFormatError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Code: Sendable, Equatable {
    /// The bytes are not of the form they should have.
    case malformed
    /// XML of quite another kind, such as the METS file beside the pages of an export.
    case foreign
    /// A version or feature that is not read here.
    case unsupported
    /// More than `PageLimits` allows.
    case tooLarge
  }

  public let code: Code
  public let message: String
  /// nil where the bytes do not come from a file.
  public var file: String?
  /// Counted from 1.
  public var line: Int?

  public init(_ code: Code, _ message: String, file: String? = nil, line: Int? = nil) {
    self.code = code
    self.message = message
    self.file = file
    self.line = line
  }

  public var description: String {
    switch (file, line) {
    case (let file?, let line?): "\(file):\(line): \(message)"
    case (let file?, nil): "\(file): \(message)"
    case (nil, let line?): "line \(line): \(message)"
    case (nil, nil): message
    }
  }
}

/// What a page may hold at most when it is read from bytes. Each bound is checked before the memory is spent.
public struct PageLimits: Sendable, Equatable {
  /// Of a file that is imported.
  public var bytes = 64 << 20
  public var words = 20_000
  public var pointsPerPolygon = 1_000
  /// Of one word, in UTF-8; a manifest takes 200 characters of up to 16 bytes.
  public var textBytes = 3_200
  /// Width and height of a page, and the largest distance of a coordinate from its corner, in pixels.
  public var side = 1_000_000

  public init() {}
}
