import Glibc
public import HostKit

extension BucketStore {
  /// Puts the named parts together and makes the object visible, whole and durable. The upload is over then; the same
  /// request again is answered as before as long as the object is there unchanged.
  /// - Parameter expected: only its size and checksum are looked at.
  public func completeUpload(
    _ id: String, at address: ObjectAddress, parts named: [CompletionPart],
    expecting expected: BodyExpectations = .init(), condition: ObjectCondition = .none
  ) throws(StoreError) -> StoredObject {
    // Who asks twice at once waits, and gets the first one's answer.
    try uploadTurns.take(id) { () throws(StoreError) in
      if let done = try object(at: address), done.attributes.uploadID == id {
        // The answer was lost, or the daemon died before it had cleared up.
        try discardUpload(id)
        return done
      }
      let upload = try upload(id, at: address)
      let list = try PartList(named, in: uploadFolder(id))
      try check(condition, at: address)
      let object = try join(list, of: upload, expecting: expected, condition: condition)
      Failpoint.storeAfterUploadPublished.hit()
      try discardUpload(id)
      return object
    }
  }

  /// Gives an upload up and frees what its parts take.
  public func abortUpload(_ id: String, at address: ObjectAddress) throws(StoreError) {
    try uploadTurns.take(id) { () throws(StoreError) in
      _ = try upload(id, at: address)
      try discardUpload(id)
    }
  }

  /// Removes uploads that began before `time`. For a start: nobody has them in hands then.
  public func discardUploads(begunBefore time: Timestamp) throws(StoreError) {
    for upload in try allUploads() where upload.created < time { try discardUpload(upload.id) }
  }

  /// Removes the uploads of a bucket that is gone.
  func discardUploads(in bucket: String) throws(StoreError) {
    for upload in try allUploads() where upload.address.bucket == bucket {
      try uploadTurns.take(upload.id) { () throws(StoreError) in try discardUpload(upload.id) }
    }
  }

  /// Takes the upload away at once, and then its parts: none of it is ever found with some parts gone.
  private func discardUpload(_ id: String) throws(StoreError) {
    let folder = try uploadFolder(id)
    let temporary = try temporaryPath()
    try StoreError.wrapping { () throws(SystemError) in
      guard Glibc.rename(folder.path, temporary) == 0 else {
        if errno == ENOENT { return }
        throw SystemError("rename \(folder.path) to", temporary)
      }
      try Files.syncFolder(uploadsFolder)
      try Files.remove(temporary)
    }
  }

  private func join(
    _ list: PartList, of upload: MultipartUpload, expecting expected: BodyExpectations, condition: ObjectCondition
  ) throws(StoreError) -> StoredObject {
    if let size = expected.size, size != list.size {
      throw StoreError(.incompleteBody, "the parts have \(list.size) bytes together; \(size) were announced")
    }
    var attributes = upload.attributes
    attributes.entityTag = list.entityTag
    attributes.partCount = list.parts.count
    attributes.partSize = list.partSize
    attributes.uploadID = upload.id
    if let algorithm = upload.checksum {
      attributes.checksum = list.checksum(algorithm, isComposite: upload.isComposite)
    } else if let told = expected.checksum {
      attributes.checksum = list.checksum(told.algorithm, isComposite: told.isComposite)
    }
    try Self.check(attributes.checksum, against: expected.checksum)
    let folder = try uploadFolder(upload.id)
    return try publishFile(at: upload.address, attributes: attributes, condition: condition) {
      (file, path) throws(StoreError) in
      var offset: Int64 = 0
      for part in list.parts {
        let source = try StoreError.wrapping { () throws(SystemError) in try folder.open(part.number) }
        // It may have come again since we looked.
        guard let source, UploadPart(part.number, source.object) == part else {
          throw StoreError(.invalidPart, "part \(part.number) was replaced meanwhile; complete the upload again")
        }
        try RangeCopy.copy(source, count: part.size, to: file, path: path, at: offset)
        offset += part.size
      }
      Failpoint.storeAfterPartsJoined.hit()
    }
  }

  private static func check(_ known: ObjectChecksum?, against told: ObjectChecksum?) throws(StoreError) {
    guard let told else { return }
    guard let known else {
      throw StoreError(
        .badDigest,
        "the parts came without \(told.algorithm.rawValue), so that of the whole cannot be checked: "
          + "complete the upload without it")
    }
    // Some clients leave out the number of parts.
    let sum = known.value.split(separator: "-")[0]
    guard known.algorithm == told.algorithm, known.value == told.value || (known.isComposite && sum == told.value)
    else {
      throw StoreError(
        .badDigest, "the object's \(known.algorithm.rawValue) is \(known.value), not \(told.value) as was told")
    }
  }
}
