extension BucketStore {
  /// Makes an object of another one's bytes, which were read when `source` was opened: by shared blocks or inside the
  /// kernel, where no new sum is asked for.
  /// - Parameters:
  ///   - attributes: headers and metadata of the new object; nil for those of the source.
  ///   - checksum: what to sum the bytes with; nil for the source's own sum, if it has one.
  public func copy(
    _ source: OpenObject, to address: ObjectAddress, attributes: ObjectAttributes? = nil,
    checksum: ChecksumAlgorithm? = nil, condition: ObjectCondition = .none
  ) throws(StoreError) -> StoredObject {
    throw StoreError(.noSuchObject, "to come")
  }
}
