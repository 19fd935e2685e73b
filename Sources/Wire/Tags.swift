public import JSONKit
public import Resources

/// The tag list that many requests carry, and the three actions on tags.
enum TagList {
  static func read(_ json: JSON, required: Bool = false, _ reader: inout ShapeReader) -> [Tag] {
    let items =
      reader.structures(json, "Tags", at: "tags", count: 0...Tag.maximumPerResource, required: required) ?? []
    var tags: [Tag] = []
    for (path, item) in items {
      guard
        let key = reader.string(item, "Key", at: "\(path).key", required: true, length: 1...128),
        let value = reader.string(item, "Value", at: "\(path).value", required: true, length: 0...256)
      else { continue }
      if key.lowercased().hasPrefix("aws:") {
        reader.fault(key, at: "\(path).key", "keys that begin with 'aws:' are reserved")
      }
      if tags.contains(where: { $0.key == key }) {
        reader.fault(key, at: "\(path).key", "tag keys must be unique")
      }
      tags.append(Tag(key: key, value: value))
    }
    return tags
  }
}

extension Tag {
  public var json: JSON { ["Key": .string(key), "Value": .string(value)] }
}

public struct AddTagsRequest: Sendable {
  public let resource: AmazonResourceName
  public let tags: [Tag]

  public init(json: JSON) throws(ServiceError) {
    var reader = ShapeReader()
    let arn = reader.resourceARN(json)
    tags = TagList.read(json, required: true, &reader)
    try reader.finish()
    resource = try .known(arn)
  }
}

public struct DeleteTagsRequest: Sendable {
  public let resource: AmazonResourceName
  public let keys: [String]

  public init(json: JSON) throws(ServiceError) {
    var reader = ShapeReader()
    let arn = reader.resourceARN(json)
    keys =
      reader.strings(json, "TagKeys", at: "tagKeys", count: 1...50, length: 1...128, required: true) ?? []
    try reader.finish()
    resource = try .known(arn)
  }
}

public struct ListTagsRequest: Sendable {
  public let resource: AmazonResourceName

  public init(json: JSON) throws(ServiceError) {
    var reader = ShapeReader()
    let arn = reader.resourceARN(json)
    _ = reader.integer(json, "MaxResults", at: "maxResults", in: 50...Int64(Int32.max))
    _ = reader.string(json, "NextToken", at: "nextToken", length: 0...8192)
    try reader.finish()
    // All tags of a resource (at most 50) fit on the smallest page, so no token is ever given out.
    guard json["NextToken"]?.string == nil else { throw .validation("Invalid NextToken.") }
    resource = try .known(arn)
  }
}

extension ShapeReader {
  fileprivate mutating func resourceARN(_ json: JSON) -> String? {
    string(json, "ResourceArn", at: "resourceArn", required: true, length: 0...256, rule: .singleLine)
  }
}

extension AmazonResourceName {
  fileprivate static func known(_ text: String?) throws(ServiceError) -> AmazonResourceName {
    guard let text, let arn = AmazonResourceName(text) else {
      throw .validation(
        "The ARN '\(text ?? "")' does not name a resource that htr has; training jobs, models, endpoint configurations, endpoints and transform jobs have tags."
      )
    }
    return arn
  }
}
