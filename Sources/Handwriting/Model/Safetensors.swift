import HostKit
import JSONKit

/// Named tensors in the safetensors format: eight bytes with the header's length, a JSON header, then the values of all
/// tensors without gaps.
///
/// Written as F32 or F16, in the byte order of the names, so that the same weights give the same bytes. F32, F16 and BF16
/// are read. A damaged or hostile file is refused with a reason and never read beyond its bounds.
public struct SafetensorsFile: Sendable, Equatable {
  public struct Tensor: Sendable, Equatable {
    public let name: String
    /// Empty for a single number.
    public let shape: [Int]
    /// Row-major, the last dimension fastest.
    public let values: [Float]

    /// - Precondition: as many values as the shape has places.
    public init(name: String, shape: [Int], values: [Float]) {
      precondition(shape.allSatisfy { $0 >= 0 } && shape.reduce(1, *) == values.count)
      self.name = name
      self.shape = shape
      self.values = values
    }
  }

  /// How numbers are written.
  public enum Precision: String, Sendable {
    case single = "F32"
    case half = "F16"

    var width: Int { self == .single ? 4 : 2 }
  }

  public var metadata: [String: String]
  /// In the order of their names' bytes.
  public let tensors: [Tensor]

  static let maximumHeader = 10 << 20
  static let maximumRank = 8

  /// - Throws: when two tensors share a name, or one has the name that the format keeps for metadata.
  public init(tensors: [Tensor], metadata: [String: String] = [:]) throws(ModelFileError) {
    self.tensors = tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    self.metadata = metadata
    for (first, second) in zip(self.tensors, self.tensors.dropFirst()) where first.name == second.name {
      throw ModelFileError("the tensors", "two of them are called \"\(first.name)\"")
    }
    guard self[Self.metadataKey] == nil else {
      throw ModelFileError("the tensors", "one of them is called \"\(Self.metadataKey)\"")
    }
  }

  public subscript(name: String) -> Tensor? { tensors.first { $0.name == name } }

  static let metadataKey = "__metadata__"
}

extension SafetensorsFile {
  /// - Parameter limit: the largest file that is taken into memory, in bytes.
  /// - Throws: `SystemError` when the file cannot be read, `ModelFileError` when it is no safetensors file.
  public static func read(_ path: String, limit: Int = 1 << 30) throws -> SafetensorsFile {
    try SafetensorsFile(parsing: try Files.read(path, limit: limit), subject: path)
  }

  /// Replaces the file as a whole.
  public func write(to path: String, as precision: Precision = .single) throws {
    try Files.write(encoded(as: precision), to: path)
  }

  /// The file's bytes. The header is padded with spaces, so that the values begin at a multiple of eight.
  ///
  /// - Throws: when a number is too large for the precision.
  public func encoded(as precision: Precision = .single) throws(ModelFileError) -> [UInt8] {
    var members: [(key: String, value: JSON)] = []
    if !metadata.isEmpty { members.append((Self.metadataKey, .strings(metadata))) }
    var offset: Int64 = 0
    for tensor in tensors {
      let end = offset + Int64(tensor.values.count * precision.width)
      let entry = JSON.members([
        "dtype": .string(precision.rawValue), "shape": .array(tensor.shape.map { .integer(Int64($0)) }),
        "data_offsets": [.integer(offset), .integer(end)],
      ])
      members.append((tensor.name, entry))
      offset = end
    }
    var header = JSON.object(.init(members)).bytes
    header.append(contentsOf: repeatElement(0x20, count: (8 - header.count % 8) % 8))
    guard header.count <= Self.maximumHeader else {
      throw ModelFileError("the tensors", "names and metadata take more than \(Self.maximumHeader) bytes")
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + header.count + Int(offset))
    withUnsafeBytes(of: UInt64(header.count).littleEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: header)
    for tensor in tensors {
      switch precision {
      case .single: Self.append(tensor.values, to: &bytes)
      case .half: try Self.append(halvesOf: tensor, to: &bytes)
      }
    }
    return bytes
  }

  private static func append(halvesOf tensor: Tensor, to bytes: inout [UInt8]) throws(ModelFileError) {
    for value in tensor.values {
      let half = Float16(value)
      guard half.isFinite == value.isFinite else {
        throw ModelFileError("tensor \"\(tensor.name)\"", "it holds \(value), which half precision cannot")
      }
      withUnsafeBytes(of: half.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }
  }

  private static func append(_ values: [Float], to bytes: inout [UInt8]) {
    // Native order is the format's order on every machine that we build for; others take the slow way.
    if 1.littleEndian == 1 {
      values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    } else {
      for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) } }
    }
  }
}
