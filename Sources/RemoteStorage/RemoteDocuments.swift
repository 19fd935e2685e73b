import MarkupKit
import Signing

/// The XML of S3's answers, as far as this client needs it (Amazon S3 API Reference).
enum RemoteDocuments {
  /// A `ListBucketResult`. Keys are escaped where `EncodingType` says so: they may hold what XML cannot.
  static func listing(_ body: [UInt8]) throws(MarkupError) -> RemoteListing {
    var listing = RemoteListing()
    var (key, tag, size) = ("", "", Int64(-1))
    var isEscaped = false
    try walk(body, root: "ListBucketResult") { path, text throws(MarkupError) in
      switch path {
      case ["EncodingType"]: isEscaped = text == "url"
      case ["IsTruncated"]: listing.isTruncated = text == "true"
      case ["Contents", "Key"]: key = text
      case ["Contents", "ETag"]: tag = unquoted(text)
      case ["Contents", "Size"]: size = Int64(text) ?? -1
      case ["Contents"]:
        guard !key.isEmpty, size >= 0 else {
          throw MarkupError(.malformed, "an object of the listing has no key or size")
        }
        listing.objects.append(RemoteObject(key: key, size: size, entityTag: tag))
        (key, tag, size) = ("", "", -1)
      default: break
      }
    }
    // EncodingType may come after the keys.
    if isEscaped { listing.objects = listing.objects.map(unescaped) }
    return listing
  }

  /// S3 writes a space as `+` there, as forms do.
  private static func unescaped(_ object: RemoteObject) -> RemoteObject {
    let plain = object.key.split(separator: "+", omittingEmptySubsequences: false).joined(separator: " ")
    return RemoteObject(key: PercentEscapes.undone(in: plain[...]), size: object.size, entityTag: object.entityTag)
  }

  /// The text of one element right below the root; nil when it is not there, or this is no such document.
  static func text(of name: String, in body: [UInt8], root: String) -> String? {
    var found: String?
    // What is no such document has no such element either.
    try? walk(body, root: root) { path, text throws(MarkupError) in if path == [name] { found = text } }
    return found
  }

  /// What completes an upload: the parts' tags in their order.
  static func completion(_ tags: [String]) -> [UInt8] {
    var text = MarkupText()
    text.start("CompleteMultipartUpload")
    for (index, tag) in tags.enumerated() {
      text.start("Part")
      text.leaf("PartNumber", text: String(index + 1))
      text.leaf("ETag", text: "\"\(tag)\"")
      text.end()
    }
    text.end()
    return Array(text.taken().utf8)
  }

  /// Calls `take` at the end of each element with its path below the root and its text.
  private static func walk(
    _ body: [UInt8], root: String, _ take: ([String], String) throws(MarkupError) -> Void
  ) throws(MarkupError) {
    var reader = try MarkupReader(body)
    var path: [String] = []
    var text = ""
    while let event = try reader.next() {
      switch event {
      case .start(let element):
        guard !path.isEmpty || element.name == root else {
          throw MarkupError(.malformed, "the answer is a <\(element.name)>, where <\(root)> was expected")
        }
        path.append(element.name)
        text = ""
      case .text(let piece): text += piece
      case .end:
        try take(Array(path.dropFirst()), text)
        path.removeLast()
        text = ""
      }
    }
  }
}
