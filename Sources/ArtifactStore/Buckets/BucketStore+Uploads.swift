public import HostKit

extension BucketStore {
  /// Begins an object that comes in parts.
  /// - Parameters:
  ///   - checksum: what to sum it with; parts are summed with the same unless they say otherwise.
  ///   - isComposite: whether its sum is that of the parts' sums. SHA-1 and SHA-256 know no other kind.
  public func beginUpload(
    at address: ObjectAddress, attributes: ObjectAttributes, checksum: ChecksumAlgorithm? = nil,
    isComposite: Bool = true
  ) throws(StoreError) -> MultipartUpload {
    throw StoreError(.noSuchUpload, "to come")
  }

  /// The upload of this id, for this object; `.noSuchUpload` when there is none.
  public func upload(_ id: String, at address: ObjectAddress) throws(StoreError) -> MultipartUpload {
    throw StoreError(.noSuchUpload, "to come")
  }

  /// Begins a part, whose bytes are appended to the writer and which `publishPart` makes known.
  public func beginPart(
    _ number: Int, of upload: MultipartUpload, hashesSHA256: Bool = false, checksum: ChecksumAlgorithm? = nil
  ) throws(StoreError) -> ObjectWriter {
    throw StoreError(.noSuchUpload, "to come")
  }

  /// Makes a part known, durable when this returns. It replaces an earlier one of its number.
  public func publishPart(
    _ writer: ObjectWriter, _ number: Int, of upload: MultipartUpload, expecting expected: BodyExpectations = .init()
  ) throws(StoreError) -> UploadPart {
    throw StoreError(.noSuchUpload, "to come")
  }

  /// Makes a part of another object's bytes (`UploadPartCopy`).
  public func copyPart(
    _ number: Int, of upload: MultipartUpload, from source: OpenObject, range: Range<Int64>
  ) throws(StoreError) -> UploadPart {
    throw StoreError(.noSuchUpload, "to come")
  }

  /// The parts with numbers above `after`, in order, and whether there are more.
  public func parts(
    of upload: MultipartUpload, after: Int = 0, limit: Int = 1000
  ) throws(StoreError) -> (parts: [UploadPart], isTruncated: Bool) {
    throw StoreError(.noSuchUpload, "to come")
  }

  /// Puts the named parts together and makes the object visible, whole and durable. The upload is over then; the same
  /// request again is answered as before as long as the object is there unchanged.
  /// - Parameter expected: only its size and checksum are looked at.
  public func completeUpload(
    _ id: String, at address: ObjectAddress, parts: [CompletionPart], expecting expected: BodyExpectations = .init(),
    condition: ObjectCondition = .none
  ) throws(StoreError) -> StoredObject {
    throw StoreError(.noSuchUpload, "to come")
  }

  /// Gives an upload up and frees what its parts take.
  public func abortUpload(_ id: String, at address: ObjectAddress) throws(StoreError) {
    throw StoreError(.noSuchUpload, "to come")
  }

  /// The bucket's uploads by key and then by time of their beginning: those whose keys begin with `prefix`, after the
  /// key `after` and, for that key itself, after the upload `afterID` if one is given. And whether there are more.
  public func uploads(
    in bucket: String, prefix: String = "", after: String = "", afterID: String? = nil, limit: Int = 1000
  ) throws(StoreError) -> (uploads: [MultipartUpload], isTruncated: Bool) {
    throw StoreError(.noSuchUpload, "to come")
  }

  /// Removes uploads that began before `time`. For a start: nobody has them in hands then.
  public func discardUploads(begunBefore time: Timestamp) throws(StoreError) {
    throw StoreError(.noSuchUpload, "to come")
  }
}

extension BucketStore {
  /// Removes the uploads of a bucket that is gone.
  func discardUploads(in bucket: String) throws(StoreError) {
  }
}
