import ArtifactStore
import Wire

// The store's types and the wire's: the same things, on two floors that do not know each other.

extension S3Object {
  init(_ object: StoredObject) {
    self.init(
      key: object.key, size: object.size, modified: object.modified, entityTag: object.entityTag,
      attributes: S3Attributes(headers: object.attributes.headers, metadata: object.attributes.metadata),
      checksum: object.attributes.checksum.map(S3Checksum.init))
  }
}

extension ObjectAttributes {
  init(_ attributes: S3Attributes) { self.init(headers: attributes.headers, metadata: attributes.metadata) }

  /// Headers and metadata but for the encryption's.
  var withoutEncryption: ObjectAttributes {
    ObjectAttributes(headers: headers.filter { !$0.key.hasPrefix("x-amz-server-side-encryption") }, metadata: metadata)
  }
}

extension ChecksumAlgorithm {
  init(_ algorithm: S3Checksum.Algorithm) {
    self =
      switch algorithm {
      case .crc32: .crc32
      case .crc32c: .crc32c
      case .crc64nvme: .crc64nvme
      case .sha1: .sha1
      case .sha256: .sha256
      }
  }
}

extension S3Checksum {
  init(_ checksum: ObjectChecksum) {
    let algorithm: Algorithm =
      switch checksum.algorithm {
      case .crc32: .crc32
      case .crc32c: .crc32c
      case .crc64nvme: .crc64nvme
      case .sha1: .sha1
      case .sha256: .sha256
      }
    self.init(algorithm, value: checksum.value, isComposite: checksum.isComposite)
  }
}

extension ObjectChecksum {
  init(_ checksum: S3Checksum) {
    self.init(ChecksumAlgorithm(checksum.algorithm), value: checksum.value, isComposite: checksum.isComposite)
  }
}

extension ObjectCondition {
  init(_ condition: S3WriteCondition) {
    self =
      switch condition {
      case .none: .none
      case .absent: .absent
      case .tag(let tag): .tag(tag)
      }
  }
}
