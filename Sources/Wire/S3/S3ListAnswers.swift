public import HostKit
import MarkupKit

extension S3Answer {
  public static func listing(
    _ found: S3ListAnswer, of bucket: String, _ request: S3ListRequest, owner: S3Owner
  ) -> S3Answer {
    let name = NameWriter(isURL: request.encodesNames)
    return document("ListBucketResult") { markup in
      markup.leaf("Name", text: bucket)
      markup.leaf("Prefix", text: name(request.prefix))
      if !request.delimiter.isEmpty { markup.leaf("Delimiter", text: name(request.delimiter)) }
      markup.leaf("MaxKeys", text: "\(request.limit)")
      if request.encodesNames { markup.leaf("EncodingType", text: "url") }
      markup.leaf("IsTruncated", text: found.next == nil ? "false" : "true")
      if request.isVersion2 {
        writePosition(found, request, name, to: &markup)
      } else {
        markup.leaf("Marker", text: name(request.startAfter ?? ""))
        if let next = found.next { markup.leaf("NextMarker", text: name(next)) }
      }
      for object in found.objects { write(object, name, owner: request.showsOwner ? owner : nil, to: &markup) }
      for prefix in found.commonPrefixes {
        markup.start("CommonPrefixes")
        markup.leaf("Prefix", text: name(prefix))
        markup.end()
      }
    }
  }

  private static func writePosition(
    _ found: S3ListAnswer, _ request: S3ListRequest, _ name: NameWriter, to markup: inout MarkupText
  ) {
    markup.leaf("KeyCount", text: "\(found.objects.count + found.commonPrefixes.count)")
    if let token = request.token { markup.leaf("ContinuationToken", text: token) }
    if let next = found.next { markup.leaf("NextContinuationToken", text: S3Token.text(after: next)) }
    if let start = request.startAfter { markup.leaf("StartAfter", text: name(start)) }
  }

  private static func write(
    _ object: S3Object, _ name: NameWriter, owner: S3Owner?, to markup: inout MarkupText
  ) {
    markup.start("Contents")
    markup.leaf("Key", text: name(object.key))
    markup.leaf("LastModified", text: S3Date.element(object.modified))
    markup.leaf("ETag", text: S3Tag.quoted(object.entityTag))
    if let checksum = object.checksum {
      markup.leaf("ChecksumAlgorithm", text: checksum.algorithm.rawValue)
      markup.leaf("ChecksumType", text: checksum.type)
    }
    markup.leaf("Size", text: "\(object.size)")
    markup.leaf("StorageClass", text: "STANDARD")
    owner?.write(to: &markup)
    markup.end()
  }

  /// An upload that is under way.
  public struct Upload: Sendable {
    let key: String
    let id: String
    let started: Timestamp

    public init(key: String, id: String, started: Timestamp) {
      (self.key, self.id, self.started) = (key, id, started)
    }
  }

  public static func uploads(
    _ uploads: [Upload], isTruncated: Bool, of bucket: String, _ request: S3UploadsRequest, owner: S3Owner
  ) -> S3Answer {
    let name = NameWriter(isURL: request.encodesNames)
    return document("ListMultipartUploadsResult") { markup in
      markup.leaf("Bucket", text: bucket)
      markup.leaf("KeyMarker", text: name(request.keyMarker))
      markup.leaf("UploadIdMarker", text: request.idMarker)
      if isTruncated, let last = uploads.last {
        markup.leaf("NextKeyMarker", text: name(last.key))
        markup.leaf("NextUploadIdMarker", text: last.id)
      }
      markup.leaf("Prefix", text: name(request.prefix))
      if request.encodesNames { markup.leaf("EncodingType", text: "url") }
      markup.leaf("MaxUploads", text: "\(request.limit)")
      markup.leaf("IsTruncated", text: "\(isTruncated)")
      for upload in uploads {
        markup.start("Upload")
        markup.leaf("Key", text: name(upload.key))
        markup.leaf("UploadId", text: upload.id)
        owner.write(to: &markup, as: "Initiator")
        owner.write(to: &markup)
        markup.leaf("StorageClass", text: "STANDARD")
        markup.leaf("Initiated", text: S3Date.element(upload.started))
        markup.end()
      }
    }
  }

  /// A key that was to be deleted and could not be.
  public struct FailedDeletion: Sendable {
    let key: String
    let error: S3Error

    public init(key: String, error: S3Error) { (self.key, self.error) = (key, error) }
  }

  public static func deletions(_ request: S3Documents.Deletion, failed: [FailedDeletion]) -> S3Answer {
    document("DeleteResult") { markup in
      let failures = Dictionary(failed.map { ($0.key, $0.error) }) { first, _ in first }
      for key in request.keys {
        if let error = failures[key] {
          markup.start("Error")
          markup.leaf("Key", text: key)
          markup.leaf("Code", text: error.code.rawValue)
          markup.leaf("Message", text: error.message)
          markup.end()
        } else if !request.isQuiet {
          markup.start("Deleted")
          markup.leaf("Key", text: key)
          markup.end()
        }
      }
    }
  }
}

/// How names are written: XML cannot hold all of them, so clients ask for them escaped.
private struct NameWriter {
  let isURL: Bool

  func callAsFunction(_ name: String) -> String { isURL ? PercentText.encoded(name) : name }
}
