import HostKit
import MarkupKit

/// An answer before it is put on the wire.
public struct S3Answer: Sendable, Equatable {
  public enum Body: Sendable, Equatable {
    case none
    case text([UInt8])
    /// These bytes of the object that the request is about.
    case object(Range<Int64>)
  }

  public let status: Int
  /// In their order; names in lower case.
  public var headers: [(name: String, value: String)]
  public var body: Body

  public init(_ status: Int = 200, headers: [(name: String, value: String)] = [], body: Body = .none) {
    (self.status, self.headers, self.body) = (status, headers, body)
  }

  static let namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

  /// A document with one root, filled by `content`.
  static func document(
    _ root: String, status: Int = 200, headers: [(name: String, value: String)] = [],
    content: (inout MarkupText) -> Void
  ) -> S3Answer {
    var markup = MarkupText()
    markup.element(root, ["xmlns": namespace]) { content(&$0) }
    return text(markup, status: status, headers: headers)
  }

  static func text(
    _ markup: MarkupText, status: Int = 200, headers: [(name: String, value: String)] = []
  ) -> S3Answer {
    S3Answer(
      status, headers: [("content-type", "application/xml")] + headers, body: .text(Array(markup.text.utf8)))
  }

  /// An error. One that answers a HEAD has no body: the status is all that the client sees.
  public static func failure(
    code: String, message: String, details: [String: String] = [:], status: Int, resource: String, isHead: Bool,
    requestID: String
  ) -> S3Answer {
    guard !isHead else { return S3Answer(status) }
    var markup = MarkupText()
    markup.element("Error") { markup in
      markup.leaf("Code", text: code)
      markup.leaf("Message", text: message)
      for (name, value) in details.sorted(by: { $0.key < $1.key }) { markup.leaf(name, text: value) }
      markup.leaf("Resource", text: resource)
      markup.leaf("RequestId", text: requestID)
    }
    return text(markup, status: status)
  }

  public static func == (left: S3Answer, right: S3Answer) -> Bool {
    left.status == right.status && left.body == right.body
      && left.headers.elementsEqual(right.headers, by: ==)
  }
}

/// Whom everything in the store belongs to.
public struct S3Owner: Sendable, Equatable {
  public let account: String

  public init(account: String) { self.account = account }

  func write(to markup: inout MarkupText, as name: String = "Owner") {
    markup.element(name) { markup in
      markup.leaf("ID", text: account)
      markup.leaf("DisplayName", text: "htr")
    }
  }

  /// Refuses a request that expects another account's bucket.
  public func check(_ head: S3Head) throws(S3Error) {
    for name in ["x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"] {
      if let expected = head.header(name), expected != account {
        throw S3Error(.accessDenied, "Access Denied: the bucket belongs to \(account), not as \(name) says.")
      }
    }
  }
}
