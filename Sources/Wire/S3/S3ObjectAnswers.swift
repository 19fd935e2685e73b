public import HostKit
import MarkupKit

extension S3Answer {
  /// GetObject and HeadObject: the conditions are checked before the range.
  public static func object(
    _ object: S3Object, _ request: S3ReadRequest
  ) throws(S3Error) -> S3Answer {
    switch request.conditions.verdict(on: object) {
    case .failed: throw .preconditionFailed
    case .notModified: return S3Answer(304, headers: identity(of: object))
    case .proceed: break
    }
    let range = try request.range?.bytes(of: object.size)
    var headers = identity(of: object) + own(of: object, request)
    headers.append(("accept-ranges", "bytes"))
    if let range {
      headers.append(("content-range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(object.size)"))
    } else if request.wantsChecksum, let checksum = object.checksum {
      // Never with a range: clients would hold it against the part that they read.
      headers += checksum.headers
    }
    return S3Answer(range == nil ? 200 : 206, headers: headers, body: .object(range ?? 0..<object.size))
  }

  private static func identity(of object: S3Object) -> [(name: String, value: String)] {
    [("etag", S3Tag.quoted(object.entityTag)), ("last-modified", S3Date.header(object.modified))]
  }

  private static func own(of object: S3Object, _ request: S3ReadRequest) -> [(name: String, value: String)] {
    var headers = object.attributes.headers.merging(request.overrides) { $1 }
    headers["content-type"] = headers["content-type"] ?? S3Object.defaultContentType
    return headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
      + object.attributes.metadata.sorted { $0.key < $1.key }.map { ("x-amz-meta-\($0.key)", $0.value) }
  }

  public static func attributes(of object: S3Object, _ request: S3AttributesRequest) -> S3Answer {
    let wanted = request.attributes
    return document(
      "GetObjectAttributesResponse", headers: [("last-modified", S3Date.header(object.modified))]
    ) { markup in
      if wanted.contains(.tag) { markup.leaf("ETag", text: object.entityTag) }
      if wanted.contains(.checksum), let checksum = object.checksum {
        markup.element("Checksum") { markup in
          markup.leaf(checksum.algorithm.element, text: checksum.value)
          markup.leaf("ChecksumType", text: checksum.type)
        }
      }
      if wanted.contains(.parts), let dash = object.entityTag.lastIndex(of: "-") {
        markup.element("ObjectParts") {
          $0.leaf("PartsCount", text: String(object.entityTag[object.entityTag.index(after: dash)...]))
        }
      }
      if wanted.contains(.storageClass) { markup.leaf("StorageClass", text: "STANDARD") }
      if wanted.contains(.size) { markup.leaf("ObjectSize", text: "\(object.size)") }
    }
  }

  public static func stored(_ object: S3Object) -> S3Answer {
    S3Answer(
      headers: [("etag", S3Tag.quoted(object.entityTag))] + encryption(object.attributes)
        + (object.checksum?.headers ?? []))
  }

  public static func partStored(entityTag: String, checksum: S3Checksum?) -> S3Answer {
    var headers = [(name: "etag", value: S3Tag.quoted(entityTag))]
    if let checksum { headers.append((checksum.algorithm.header, checksum.value)) }
    return S3Answer(headers: headers)
  }

  /// CopyObject and UploadPartCopy.
  public static func copied(
    _ root: CopyRoot, entityTag: String, modified: Timestamp, checksum: S3Checksum?, attributes: S3Attributes = .init()
  ) -> S3Answer {
    document(root.rawValue, headers: encryption(attributes)) { markup in
      markup.leaf("ETag", text: S3Tag.quoted(entityTag))
      markup.leaf("LastModified", text: S3Date.element(modified))
      write(checksum, withType: root == .object, to: &markup)
    }
  }

  public enum CopyRoot: String, Sendable {
    case object = "CopyObjectResult"
    case part = "CopyPartResult"
  }

  static func write(_ checksum: S3Checksum?, withType: Bool, to markup: inout MarkupText) {
    guard let checksum else { return }
    markup.leaf(checksum.algorithm.element, text: checksum.value)
    if withType { markup.leaf("ChecksumType", text: checksum.type) }
  }

  static func encryption(_ attributes: S3Attributes) -> [(name: String, value: String)] {
    attributes.headers.filter { $0.key.hasPrefix("x-amz-server-side-encryption") }.sorted { $0.key < $1.key }
      .map { ($0.key, $0.value) }
  }
}
