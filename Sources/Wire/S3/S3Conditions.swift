import HostKit

/// The conditions that a request puts on the object as it is.
public struct S3Conditions: Sendable, Equatable {
  var ifMatch: String?
  var ifNoneMatch: String?
  /// Seconds since 1970.
  var ifModifiedSince: Int64?
  var ifUnmodifiedSince: Int64?

  public enum Verdict: Sendable, Equatable {
    case proceed, notModified, failed
  }

  /// - Parameter prefix: what stands before the headers' names: `x-amz-copy-source-` for a copy's source.
  init(_ head: S3Head, prefix: String = "") {
    ifMatch = head.header("\(prefix)if-match")
    ifNoneMatch = head.header("\(prefix)if-none-match")
    ifModifiedSince = head.header("\(prefix)if-modified-since").flatMap(S3Date.seconds(ofHeader:))
    ifUnmodifiedSince = head.header("\(prefix)if-unmodified-since").flatMap(S3Date.seconds(ofHeader:))
  }

  /// Decides as RFC 9110 (13.2.2) and S3 do: a tag that is told counts, and the time beside it does not.
  public func verdict(on object: S3Object) -> Verdict {
    let second = object.modified.milliseconds / 1000
    if let ifMatch {
      guard Self.names(ifMatch, object.entityTag) else { return .failed }
    } else if let ifUnmodifiedSince, second > ifUnmodifiedSince {
      return .failed
    }
    if let ifNoneMatch {
      return Self.names(ifNoneMatch, object.entityTag) ? .notModified : .proceed
    }
    if let ifModifiedSince, second <= ifModifiedSince { return .notModified }
    return .proceed
  }

  private static func names(_ list: String, _ tag: String) -> Bool {
    list.split(separator: ",").contains { item in
      let wanted = S3Tag.unquoted(String(item))
      return wanted == "*" || wanted == tag
    }
  }
}

/// Which object a write expects to replace.
public enum S3WriteCondition: Sendable, Equatable {
  case none
  case absent
  /// The object's tag, without quotes.
  case tag(String)

  init(_ head: S3Head) throws(S3Error) {
    let (match, noneMatch) = (head.header("if-match"), head.header("if-none-match"))
    switch (match, noneMatch) {
    case (nil, nil): self = .none
    case (nil, "*"): self = .absent
    case (let tag?, nil) where tag != "*": self = .tag(S3Tag.unquoted(tag))
    default:
      throw .notImplemented("A write with other conditions than If-None-Match: * or If-Match: TAG")
    }
  }
}

/// Entity tags travel in quotes.
public enum S3Tag {
  public static func quoted(_ tag: String) -> String { "\"\(tag)\"" }

  public static func unquoted(_ text: String) -> String {
    var text = text.drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    if text.hasPrefix("W/") { text = text.dropFirst(2) }
    guard text.utf8.count >= 2, text.first == "\"", text.last == "\"" else { return String(text) }
    return String(text.dropFirst().dropLast())
  }
}
