import ArtifactStore
import Glibc
import HostKit
import Wire

extension S3Error {
  static func noSuchBucket(_ name: String) -> S3Error {
    S3Error(.noSuchBucket, "The specified bucket does not exist", details: ["BucketName": name])
  }

  /// The bucket lies in an S3 elsewhere, which the client must ask itself.
  static func elsewhere(_ bucket: String, at endpoint: String) -> S3Error {
    S3Error(
      .permanentRedirect,
      "By htr's settings the bucket '\(bucket)' lies at \(endpoint): send requests for it there (AWS_ENDPOINT_URL_S3, with that store's keys). Jobs, models and transforms of htr name its objects as usual.",
      details: ["Endpoint": endpoint, "Bucket": bucket])
  }

  static func noSuchKey(_ key: String) -> S3Error {
    S3Error(.noSuchKey, "The specified key does not exist.", details: ["Key": key])
  }

  /// The store's refusal as S3's clients know it; S3's own words where clients may look for them.
  init(_ error: StoreError, about address: ObjectAddress) {
    switch error.code {
    case .noSuchBucket: self = .noSuchBucket(address.bucket)
    case .noSuchObject: self = .noSuchKey(address.key)
    case .noSuchUpload:
      self.init(
        .noSuchUpload,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
      )
    case .conditionFailed: self = .preconditionFailed
    case .bucketNotEmpty: self.init(.bucketNotEmpty, "The bucket you tried to delete is not empty")
    case .system where [ENOSPC, EDQUOT, EFBIG].contains(error.cause?.code ?? 0):
      self.init(.insufficientStorage, "The disk of the bucket store has no room for this: \(error.message)")
    default: self.init(Self.code(of: error), error.message)
    }
  }

  private static func code(of error: StoreError) -> Code {
    switch error.code {
    case .invalidBucketName: .invalidBucketName
    case .invalidKey, .forbiddenInput, .unreadableInput, .noInput, .invalidManifest, .limitExceeded: .invalidArgument
    case .incompleteBody: .incompleteBody
    case .digestMismatch: .contentDigestMismatch
    case .badDigest: .badDigest
    case .metadataTooLarge: .metadataTooLarge
    case .invalidPart: .invalidPart
    case .invalidPartOrder: .invalidPartOrder
    case .partTooSmall: .entityTooSmall
    case .noSuchBucket, .noSuchObject, .noSuchUpload, .conditionFailed, .bucketNotEmpty, .cancelled, .system:
      .internalError
    }
  }
}
