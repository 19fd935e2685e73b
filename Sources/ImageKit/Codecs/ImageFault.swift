/// Why bytes are not taken as an image, or an image is not written.
public enum ImageFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// Neither JPEG nor PNG; holds the first bytes.
  case unknownFormat(firstBytes: [UInt8])
  /// One measure of the image is above its limit; found before memory is spent on it.
  case tooLarge(measure: Measure, found: Int, limit: Int)
  /// Not all of the image can be read; holds the decoder's reason.
  case damaged(format: ImageFormat, reason: String)
  /// A sound image of a kind that is not read here.
  case unsupported(format: ImageFormat, reason: String)
  /// The encoder refused an image; holds its reason.
  case notEncoded(format: ImageFormat, reason: String)

  public enum Measure: String, Sendable { case bytes, pixels, side }

  public var description: String {
    switch self {
    case .unknownFormat(let bytes):
      bytes.isEmpty
        ? "the image has no bytes; give a JPEG or PNG file"
        : "the image begins with bytes \(bytes.map { Self.hex($0) }.joined(separator: " ")), "
          + "which is neither JPEG nor PNG; convert it to one of these"
    case .tooLarge(.bytes, let found, let limit):
      "the image file has \(found) bytes, the limit is \(limit); compress it more or make it smaller"
    case .tooLarge(.pixels, let found, let limit):
      "the image has \(found) pixels, the limit is \(limit); make it smaller"
    case .tooLarge(.side, let found, let limit):
      "the image's longer side is \(found) pixels, the limit is \(limit); make it smaller or cut it"
    case .damaged(let format, let reason): "the \(format) image is damaged: \(reason); save it anew"
    case .unsupported(let format, let reason): "the \(format) image cannot be read: \(reason)"
    case .notEncoded(let format, let reason): "the image cannot be written as \(format): \(reason)"
    }
  }

  private static func hex(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
