import Glibc
import HostKit

extension BucketStore {
  /// Begins an object that comes in parts.
  /// - Parameters:
  ///   - checksum: what to sum it with; parts are summed with the same unless they say otherwise.
  ///   - isComposite: whether its sum is that of the parts' sums. SHA-1 and SHA-256 know no other kind, CRC-64/NVME knows
  ///     only that of the bytes.
  public func beginUpload(
    at address: ObjectAddress, attributes: ObjectAttributes, checksum: ChecksumAlgorithm? = nil,
    isComposite: Bool = true
  ) throws(StoreError) -> MultipartUpload {
    try requireBucket(address)
    _ = try ObjectPath.components(of: address.key)
    try attributes.checkMetadata()
    let now = Timestamp.now()
    let upload = MultipartUpload(
      id: UploadFolder.newID(now), address: address, attributes: attributes.request, checksum: checksum,
      isComposite: isComposite, created: now)
    let folder = try uploadFolder(upload.id)
    let temporary = try temporaryPath()
    try StoreError.wrapping { () throws(SystemError) in
      try Files.makeFolder(uploadsFolder)
      try UploadFolder(path: temporary).write(upload)
      Failpoint.storeBeforeUploadNamed.hit()
      try Files.rename(temporary, to: folder.path)
    }
    return upload
  }

  /// The upload of this id, for this object; `.noSuchUpload` when there is none.
  public func upload(_ id: String, at address: ObjectAddress) throws(StoreError) -> MultipartUpload {
    let folder = try uploadFolder(id)
    let found = try StoreError.wrapping { () throws(SystemError) in try folder.upload() }
    guard let found, found.address == address else { throw Self.noSuchUpload(id) }
    return found
  }

  /// Begins a part, whose bytes are appended to the writer and which `publishPart` makes known.
  public func beginPart(
    _ number: Int, of upload: MultipartUpload, hashesSHA256: Bool = false, checksum: ChecksumAlgorithm? = nil
  ) throws(StoreError) -> ObjectWriter {
    guard UploadPart.numbers.contains(number) else {
      throw StoreError(
        .invalidPart, "a part's number is \(UploadPart.numbers.lowerBound) to \(UploadPart.numbers.upperBound)")
    }
    return try beginWriter(hashesSHA256: hashesSHA256, checksum: checksum ?? upload.checksum)
  }

  /// Makes a part known, durable when this returns. It replaces an earlier one of its number.
  public func publishPart(
    _ writer: ObjectWriter, _ number: Int, of upload: MultipartUpload, expecting expected: BodyExpectations = .init()
  ) throws(StoreError) -> UploadPart {
    let folder = try uploadFolder(upload.id)
    try writer.seal(ObjectAttributes(), expecting: expected)
    let opened = try openUnpublished("", writer.path)
    Failpoint.storeBeforePartNamed.hit()
    do throws(SystemError) {
      try Files.rename(writer.path, to: folder.partPath(number))
    } catch {
      guard error.code == ENOENT || error.code == ENOTDIR else { throw StoreError(error) }
      throw Self.noSuchUpload(upload.id)
    }
    writer.markFinished()
    return UploadPart(number, opened.object)
  }

  /// Makes a part of another object's bytes (`UploadPartCopy`).
  public func copyPart(
    _ number: Int, of upload: MultipartUpload, from source: OpenObject, range: Range<Int64>
  ) throws(StoreError) -> UploadPart {
    let writer = try beginPart(number, of: upload)
    try source.forEachPiece(of: range) { (piece) throws(StoreError) in try writer.append(piece) }
    return try publishPart(writer, number, of: upload)
  }

  /// The parts with numbers above `after`, in order, and whether there are more.
  public func parts(
    of upload: MultipartUpload, after: Int = 0, limit: Int = 1000
  ) throws(StoreError) -> (parts: [UploadPart], isTruncated: Bool) {
    let folder = try uploadFolder(upload.id)
    do throws(SystemError) {
      let numbers = try folder.partNumbers().filter { $0 > after }
      var parts: [UploadPart] = []
      for number in numbers.prefix(max(0, limit)) { if let part = try folder.part(number) { parts.append(part) } }
      return (parts, numbers.count > limit && limit > 0)
    } catch {
      guard error.code == ENOENT || error.code == ENOTDIR else { throw StoreError(error) }
      throw Self.noSuchUpload(upload.id)
    }
  }

  /// The bucket's uploads by key, those of one key by the time of their beginning: whose keys begin with `prefix` and
  /// come after `after`; with `afterID`, also those of the key `after` itself that began after that upload. And whether
  /// there are more.
  public func uploads(
    in bucket: String, prefix: String = "", after: String = "", afterID: String? = nil, limit: Int = 1000
  ) throws(StoreError) -> (uploads: [MultipartUpload], isTruncated: Bool) {
    try requireBucket(ObjectAddress(bucket: bucket, key: ""))
    let (start, prefix) = (Array(after.utf8), Array(prefix.utf8))
    var found = try allUploads().filter { upload in
      guard upload.address.bucket == bucket else { return false }
      let key = Array(upload.address.key.utf8)
      let order = ByteOrder.compare(key, start)
      return ByteOrder.begins(key, with: prefix) && (order > 0 || (order == 0 && upload.id > afterID ?? "~"))
    }
    found.sort { left, right in
      let order = ByteOrder.compare(Array(left.address.key.utf8), Array(right.address.key.utf8))
      return order != 0 ? order < 0 : left.id < right.id
    }
    return (Array(found.prefix(max(0, limit))), found.count > limit && limit > 0)
  }

  // MARK: Where they lie

  var uploadsFolder: String { "\(root)/.uploads" }

  func uploadFolder(_ id: String) throws(StoreError) -> UploadFolder {
    guard let folder = UploadFolder(id, in: uploadsFolder) else { throw Self.noSuchUpload(id) }
    return folder
  }

  static func noSuchUpload(_ id: String) -> StoreError {
    StoreError(.noSuchUpload, "there is no upload \(id.prefix(64)) for this object: it was completed or given up")
  }

  func allUploads() throws(StoreError) -> [MultipartUpload] {
    guard Files.exists(uploadsFolder) else { return [] }
    return try StoreError.wrapping { () throws(SystemError) in
      var uploads: [MultipartUpload] = []
      for name in try Files.names(in: uploadsFolder) {
        guard let folder = UploadFolder(name, in: uploadsFolder), let upload = try folder.upload() else { continue }
        uploads.append(upload)
      }
      return uploads
    }
  }
}
