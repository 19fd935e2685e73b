import Glibc
import HostKit
import JSONKit

/// What is kept with an object's bytes. It lies in one extended attribute of the object's file, so that bytes and
/// attributes change together, by one rename.
public struct ObjectAttributes: Sendable, Equatable {
  /// Headers to answer with, as they came: content type, cache control, encryption and the like; names in lower case.
  public var headers: [String: String]
  /// The user's own: names in lower case, without `x-amz-meta-`.
  public var metadata: [String: String]
  /// The entity tag, without quotes: the MD5 of the bytes, or of the parts' MD5s and `-N`. Nil before the bytes are
  /// known, and for bytes that did not come through S3.
  public internal(set) var entityTag: String?
  public internal(set) var checksum: ObjectChecksum?
  /// Of how many parts the object was made; nil for one that came whole.
  public internal(set) var partCount: Int?
  /// The size of every part but the last; nil where they differ.
  public internal(set) var partSize: Int64?
  /// The upload that made the object: its completion can be asked for again.
  var uploadID: String?

  public init(headers: [String: String] = [:], metadata: [String: String] = [:]) {
    self.headers = headers
    self.metadata = metadata
  }

  /// S3's own limit for the user's names and values together, in bytes.
  public static let largestMetadata = 2048
  /// What surely has room beside a file's other attributes in the one block that ext4 gives them.
  private static let largestRecord = 3600
  private static let name = "user.htr"

  private var metadataBytes: Int { metadata.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count } }

  /// What a request says of the object, without what only these bytes can say.
  var request: ObjectAttributes { ObjectAttributes(headers: headers, metadata: metadata) }

  static func read(ofFile path: String, _ status: stat) throws(SystemError) -> ObjectAttributes? {
    try ExtendedAttribute.read(name, ofFile: path).flatMap { ObjectAttributes(bytes: $0, status) }
  }

  static func read(
    of file: borrowing Descriptor, path: String, _ status: stat
  ) throws(SystemError) -> ObjectAttributes? {
    try ExtendedAttribute.read(name, of: file, path: path).flatMap { ObjectAttributes(bytes: $0, status) }
  }

  func checkMetadata() throws(StoreError) {
    guard metadataBytes <= Self.largestMetadata else {
      throw StoreError(
        .metadataTooLarge,
        "the object's metadata has \(metadataBytes) bytes, and S3 allows \(Self.largestMetadata); send fewer")
    }
  }

  /// Notes the attributes in a file whose bytes are all there, where the file system keeps such notes. Where it keeps
  /// none, headers and tags get lost, and an object whose user gave it metadata is refused.
  func note(in file: borrowing Descriptor, path: String) throws(StoreError) {
    try checkMetadata()
    guard try !write(to: file, path: path), !metadata.isEmpty else { return }
    throw StoreError(
      .metadataTooLarge,
      "the bucket store's file system keeps no extended attributes, so an object can have no metadata: send it without")
  }

  /// False where the file system keeps no attributes.
  private func write(to file: borrowing Descriptor, path: String) throws(StoreError) -> Bool {
    var status = stat()
    guard fstat(file.number, &status) == 0 else { throw StoreError(SystemError("look at", path)) }
    let record = json(of: status).bytes
    do throws(SystemError) {
      return try ExtendedAttribute.write(record, as: Self.name, to: file, path: path)
    } catch {
      // The file system says the same of a disk that is full.
      guard error.code == E2BIG || error.code == ERANGE || record.count > Self.largestRecord else {
        throw StoreError(error)
      }
      throw StoreError(
        .metadataTooLarge,
        "the object's headers and metadata take \(record.count) bytes, more than the file system keeps with a file; "
          + "send fewer", cause: error)
    }
  }

  private func json(of status: stat) -> JSON {
    .members([
      "headers": headers.isEmpty ? nil : .strings(headers), "metadata": metadata.isEmpty ? nil : .strings(metadata),
      "etag": entityTag.map { .string($0) }, "checksum": (checksum?.algorithm.rawValue).map { .string($0) },
      "sum": checksum.map { .string($0.value) }, "composite": checksum?.isComposite == true ? true : nil,
      "parts": partCount.map { .integer(Int64($0)) }, "partSize": partSize.map { .integer($0) },
      "upload": uploadID.map { .string($0) }, "bytes": .string(Self.stamp(status)),
    ])
  }

  /// Nil for what we never write: such a file counts as one without attributes. What tells of the bytes counts only while
  /// these are the file's: whoever changes a file by hand gets another tag.
  private init?(bytes: [UInt8], _ status: stat) {
    guard let json = try? JSON(parsing: bytes) else { return nil }
    headers = json["headers"]?.stringMap ?? [:]
    metadata = json["metadata"]?.stringMap ?? [:]
    guard json["bytes"]?.string == Self.stamp(status) else { return }
    entityTag = json["etag"]?.string
    if let algorithm = json["checksum"]?.string.flatMap(ChecksumAlgorithm.init), let sum = json["sum"]?.string {
      checksum = ObjectChecksum(algorithm, value: sum, isComposite: json["composite"]?.bool ?? false)
    }
    partCount = json["parts"]?.integer.flatMap { Int(exactly: $0) }
    partSize = json["partSize"]?.integer
    uploadID = json["upload"]?.string
  }

  private static func stamp(_ status: stat) -> String {
    "\(status.st_size)@\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
  }
}
