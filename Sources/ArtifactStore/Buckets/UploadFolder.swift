import Glibc
import HostKit
import JSONKit

/// Where an upload lies on the disk: a record of what it will become, and a file for each part.
///
/// A part's tag and checksum lie in its file's attributes, as an object's do, so that a part that comes again replaces
/// the earlier one by one rename. Putting together reads the parts and leaves them alone: whoever dies meanwhile leaves
/// an upload that can be completed again.
struct UploadFolder {
  let path: String

  private static let record = "upload.json"
  private static let largestRecord = 1 << 16
  private static let idDigits = 32

  /// Nil for what is no id: the text comes from outside and becomes part of a path.
  init?(_ id: String, in folder: String) {
    guard Self.isID(id) else { return nil }
    path = "\(folder)/\(id)"
  }

  /// A folder that is no upload yet.
  init(path: String) { self.path = path }

  private static func isID(_ text: String) -> Bool {
    text.utf8.count == idDigits && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  /// Ids sort by the time of their making, as listings show them.
  static func newID(_ now: Timestamp) -> String {
    let digits = String(max(0, now.milliseconds), radix: 16)
    let time = String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    return time + Identifier.random(bytes: (idDigits - 12) / 2)
  }

  /// Writes the record into a folder of which nobody knows yet.
  func write(_ upload: MultipartUpload) throws(SystemError) {
    let record = JSON.members([
      "bucket": .string(upload.address.bucket), "key": .string(upload.address.key),
      "headers": .strings(upload.attributes.headers), "metadata": .strings(upload.attributes.metadata),
      "checksum": (upload.checksum?.rawValue).map { .string($0) }, "composite": .bool(upload.isComposite),
      "created": .integer(upload.created.milliseconds),
    ])
    try Files.makeFolder(path)
    try Files.write(record.bytes, to: "\(path)/\(Self.record)")
  }

  /// The upload; nil when there is none, or what is there is not ours.
  func upload() throws(SystemError) -> MultipartUpload? {
    let bytes: [UInt8]
    do { bytes = try Files.read("\(path)/\(Self.record)", limit: Self.largestRecord) } catch {
      guard error.code == ENOENT || error.code == ENOTDIR else { throw error }
      return nil
    }
    // Kept as it is: nothing is removed because it cannot be read.
    guard let json = try? JSON(parsing: bytes), let bucket = json["bucket"]?.string, let key = json["key"]?.string,
      let created = json["created"]?.integer
    else { return nil }
    return MultipartUpload(
      id: Files.name(of: path), address: ObjectAddress(bucket: bucket, key: key),
      attributes: ObjectAttributes(
        headers: json["headers"]?.stringMap ?? [:], metadata: json["metadata"]?.stringMap ?? [:]),
      checksum: json["checksum"]?.string.flatMap(ChecksumAlgorithm.init),
      isComposite: json["composite"]?.bool ?? true, created: Timestamp(milliseconds: created))
  }

  // MARK: Parts

  func partPath(_ number: Int) -> String {
    let digits = String(number)
    return "\(path)/\(String(repeating: "0", count: 5 - digits.count))\(digits)"
  }

  /// The numbers of the parts that are there, in order.
  func partNumbers() throws(SystemError) -> [Int] {
    try Files.names(in: path).compactMap { $0.utf8.count == 5 ? Int($0) : nil }
      .filter(UploadPart.numbers.contains)
  }

  /// Opens a part; nil when it has not come.
  func open(_ number: Int) throws(SystemError) -> OpenObject? {
    do { return try OpenObject("", path: partPath(number)) } catch {
      guard error.code == ENOENT || error.code == ENOTDIR else { throw error }
      return nil
    }
  }

  func part(_ number: Int) throws(SystemError) -> UploadPart? {
    try open(number).map { UploadPart(number, $0.object) }
  }
}

extension UploadPart {
  init(_ number: Int, _ object: StoredObject) {
    self.number = number
    size = object.size
    modified = object.modified
    entityTag = object.entityTag
    checksum = object.attributes.checksum
  }
}
