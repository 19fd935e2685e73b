public import HostKit
import MarkupKit

/// A bucket as ListBuckets shows it.
public struct S3Bucket: Sendable, Equatable {
  public let name: String
  public let created: Timestamp

  public init(name: String, created: Timestamp) { (self.name, self.created) = (name, created) }
}

extension S3Answer {
  public static func buckets(_ buckets: [S3Bucket], prefix: String, owner: S3Owner) -> S3Answer {
    document("ListAllMyBucketsResult") { markup in
      owner.write(to: &markup)
      if !prefix.isEmpty { markup.leaf("Prefix", text: prefix) }
      markup.start("Buckets")
      for bucket in buckets where bucket.name.hasPrefix(prefix) {
        markup.start("Bucket")
        markup.leaf("Name", text: bucket.name)
        markup.leaf("CreationDate", text: S3Date.element(bucket.created))
        markup.end()
      }
      markup.end()
    }
  }

  public static func bucketCreated(_ name: String) -> S3Answer { S3Answer(headers: [("location", "/\(name)")]) }

  public static func bucketFound(region: String) -> S3Answer { S3Answer(headers: [("x-amz-bucket-region", region)]) }

  /// What S3 says of a bucket for which a thing was never set.
  public static func setting(_ setting: S3BucketSetting, owner: S3Owner, region: String) throws(S3Error) -> S3Answer {
    switch setting {
    case .location:
      // The oldest region has no name here.
      var markup = MarkupText()
      markup.leaf("LocationConstraint", ["xmlns": namespace], text: region == "us-east-1" ? "" : region)
      return text(markup)
    case .versioning: return document("VersioningConfiguration") { _ in }
    case .accessControl: return accessControl(owner: owner)
    case .tagging: throw S3Error(.noSuchTagSet, "The TagSet does not exist")
    case .encryption:
      throw S3Error(.encryptionNotConfigured, "The server side encryption configuration was not found")
    case .policy, .policyStatus: throw S3Error(.noSuchBucketPolicy, "The bucket policy does not exist")
    case .cors: throw S3Error(.noSuchCORS, "The CORS configuration does not exist")
    case .lifecycle: throw S3Error(.noSuchLifecycle, "The lifecycle configuration does not exist")
    case .publicAccessBlock:
      throw S3Error(.noSuchPublicAccessBlock, "The public access block configuration was not found")
    case .website: throw S3Error(.noSuchWebsite, "The specified bucket does not have a website configuration")
    }
  }

  /// Of a bucket or an object: all is its owner's, and nobody else's.
  public static func accessControl(owner: S3Owner) -> S3Answer {
    document("AccessControlPolicy") { markup in
      owner.write(to: &markup)
      markup.element("AccessControlList") { markup in
        markup.element("Grant") { markup in
          markup.element(
            "Grantee",
            ["xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance", "xsi:type": "CanonicalUser"]
          ) { markup in
            markup.leaf("ID", text: owner.account)
            markup.leaf("DisplayName", text: "htr")
          }
          markup.leaf("Permission", text: "FULL_CONTROL")
        }
      }
    }
  }

  /// An object's tags: there are none.
  public static func noTags() -> S3Answer { document("Tagging") { $0.leaf("TagSet") } }
}
