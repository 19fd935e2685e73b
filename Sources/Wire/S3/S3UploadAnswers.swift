public import HostKit
import MarkupKit

/// Multipart uploads.
extension S3Answer {
  public static func uploadCreated(id: String, bucket: String, key: String, _ request: S3UploadRequest) -> S3Answer {
    var headers = encryption(request.attributes)
    if let algorithm = request.algorithm {
      headers.append(("x-amz-checksum-algorithm", algorithm.rawValue))
      headers.append(("x-amz-checksum-type", request.isComposite ? "COMPOSITE" : "FULL_OBJECT"))
    }
    return document("InitiateMultipartUploadResult", headers: headers) { markup in
      markup.leaf("Bucket", text: bucket)
      markup.leaf("Key", text: key)
      markup.leaf("UploadId", text: id)
    }
  }

  public static func uploadCompleted(_ object: S3Object, bucket: String) -> S3Answer {
    document("CompleteMultipartUploadResult", headers: encryption(object.attributes)) { markup in
      markup.leaf("Location", text: "/\(bucket)/\(PercentText.encoded(object.key))")
      markup.leaf("Bucket", text: bucket)
      markup.leaf("Key", text: object.key)
      markup.leaf("ETag", text: S3Tag.quoted(object.entityTag))
      write(object.checksum, withType: true, to: &markup)
    }
  }

  /// A part that has come.
  public struct Part: Sendable {
    let number: Int
    let size: Int64
    let modified: Timestamp
    let entityTag: String
    let checksum: S3Checksum?

    public init(number: Int, size: Int64, modified: Timestamp, entityTag: String, checksum: S3Checksum?) {
      (self.number, self.size, self.modified) = (number, size, modified)
      (self.entityTag, self.checksum) = (entityTag, checksum)
    }
  }

  public static func parts(
    _ parts: [Part], isTruncated: Bool, bucket: String, key: String, _ request: S3PartsRequest, owner: S3Owner
  ) -> S3Answer {
    document("ListPartsResult") { markup in
      markup.leaf("Bucket", text: bucket)
      markup.leaf("Key", text: key)
      markup.leaf("UploadId", text: request.uploadID)
      owner.write(to: &markup, as: "Initiator")
      owner.write(to: &markup)
      markup.leaf("StorageClass", text: "STANDARD")
      markup.leaf("PartNumberMarker", text: "\(request.after)")
      if isTruncated, let last = parts.last { markup.leaf("NextPartNumberMarker", text: "\(last.number)") }
      markup.leaf("MaxParts", text: "\(request.limit)")
      markup.leaf("IsTruncated", text: "\(isTruncated)")
      for part in parts {
        markup.start("Part")
        markup.leaf("PartNumber", text: "\(part.number)")
        markup.leaf("LastModified", text: S3Date.element(part.modified))
        markup.leaf("ETag", text: S3Tag.quoted(part.entityTag))
        markup.leaf("Size", text: "\(part.size)")
        write(part.checksum, withType: false, to: &markup)
        markup.end()
      }
    }
  }
}
