import ArchiveKit
import CChecksum
import HostKit

/// What S3 lets its clients sum a body with.
public enum ChecksumAlgorithm: String, Sendable, CaseIterable {
  case crc32 = "CRC32"
  case crc32c = "CRC32C"
  case crc64nvme = "CRC64NVME"
  case sha1 = "SHA1"
  case sha256 = "SHA256"

  /// The header that carries a sum: `x-amz-checksum-crc32`.
  public var header: String { "x-amz-checksum-\(rawValue.lowercased())" }

  /// Whether the sums of parts make up the sum of the whole.
  public var isLinear: Bool { crc != nil }

  fileprivate var crc: (kind: htr_crc_kind, bytes: Int)? {
    switch self {
    case .crc32: (htr_crc32, 4)
    case .crc32c: (htr_crc32c, 4)
    case .crc64nvme: (htr_crc64nvme, 8)
    case .sha1, .sha256: nil
    }
  }
}

/// A sum as it travels.
public struct ObjectChecksum: Sendable, Equatable {
  public let algorithm: ChecksumAlgorithm
  /// The sum's bytes in network order, as Base64. A composite one has `-N` after it, the number of its parts.
  public let value: String
  /// Whether it is the sum of the parts' sums, not of the object's bytes.
  public let isComposite: Bool

  public init(_ algorithm: ChecksumAlgorithm, value: String, isComposite: Bool = false) {
    self.algorithm = algorithm
    self.value = value
    self.isComposite = isComposite
  }

  /// The sum of several texts in a row, of which each one's sum and length are known. Nil when a sum is none.
  public static func joining(
    _ parts: [(value: String, size: Int64)], _ algorithm: ChecksumAlgorithm
  ) -> ObjectChecksum? {
    guard let (kind, width) = algorithm.crc else { return nil }
    var whole: UInt64 = 0
    for part in parts {
      guard let bytes = Base64.decode(part.value), bytes.count == width else { return nil }
      whole = htr_crc_combine(kind, whole, bytes.reduce(0) { $0 << 8 | UInt64($1) }, UInt64(part.size))
    }
    return ObjectChecksum(algorithm, value: Base64.text(RunningChecksum.bytes(whole, count: width)))
  }

  /// The sum of the parts' sums.
  public static func composing(_ values: [String], _ algorithm: ChecksumAlgorithm) -> ObjectChecksum? {
    var sum = RunningChecksum(algorithm)
    for value in values {
      guard let bytes = Base64.decode(value) else { return nil }
      bytes.withUnsafeBytes { sum.add($0) }
    }
    return ObjectChecksum(algorithm, value: "\(sum.finish().value)-\(values.count)", isComposite: true)
  }
}

/// The sum of bytes that come in pieces.
struct RunningChecksum: Sendable {
  let algorithm: ChecksumAlgorithm
  private var sum: UInt64 = 0
  private var sha1 = Digest.SHA1()
  private var sha256 = Digest.SHA256()

  init(_ algorithm: ChecksumAlgorithm) { self.algorithm = algorithm }

  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    if let (kind, _) = algorithm.crc {
      sum = htr_crc_add(kind, sum, bytes.baseAddress, bytes.count)
    } else if algorithm == .sha1 {
      sha1.update(bytes)
    } else {
      sha256.update(bytes)
    }
  }

  mutating func finish() -> ObjectChecksum {
    let bytes =
      if let (_, width) = algorithm.crc {
        Self.bytes(sum, count: width)
      } else {
        algorithm == .sha1 ? sha1.finishBytes() : sha256.finishBytes()
      }
    return ObjectChecksum(algorithm, value: Base64.text(bytes))
  }

  static func bytes(_ sum: UInt64, count: Int) -> [UInt8] {
    (0..<count).reversed().map { UInt8(truncatingIfNeeded: sum >> (8 * UInt64($0))) }
  }
}
