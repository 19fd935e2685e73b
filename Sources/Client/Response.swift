public import JSONKit
import MarkupKit

/// A whole answer.
public struct Response: Sendable, Equatable {
  public let status: Int
  /// Names in lower case.
  public let headers: [String: String]
  public let body: [UInt8]

  public init(status: Int, headers: [String: String], body: [UInt8]) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  public var isSuccess: Bool { (200..<300).contains(status) }
}

extension Response {
  /// The body as JSON; an empty body (Stop*, Delete*) is an empty object.
  public func json() throws(ClientError) -> JSON {
    if body.isEmpty { return .object(.init()) }
    do {
      return try JSON(parsing: body)
    } catch {
      throw .malformed(reason: error.description)
    }
  }

  /// What this answer refuses, and why; nil when it is a success.
  var refusal: ServiceError? {
    guard !isSuccess else { return nil }
    if headers["content-type"] == "application/xml", let refusal = storageRefusal { return refusal }
    // A body that is no JSON (a proxy's page, a crash) still has a status worth reporting.
    let json = try? JSON(parsing: body)
    let type = json?["__type"]?.string ?? headers["x-amzn-errortype"] ?? "HTTP \(status)"
    let code = type.split(separator: "#").last.map(String.init) ?? type
    let text = json?["message"]?.string ?? json?["Message"]?.string
    return ServiceError(
      code: code, message: text ?? String(decoding: body.prefix(300), as: UTF8.self),
      status: status, requestId: headers["x-amzn-requestid"] ?? "")
  }
}

extension Response {
  /// S3's `<Error><Code/><Message/>…</Error>`.
  private var storageRefusal: ServiceError? {
    var members: [String: String] = [:]
    do throws(MarkupError) {
      var reader = try MarkupReader(body)
      var element = ""
      while let event = try reader.next() {
        switch event {
        case .start(let start): element = start.name
        case .text(let text): members[element, default: ""] += text
        case .end: element = ""
        }
      }
    } catch { return nil }
    guard let code = members["Code"] else { return nil }
    return ServiceError(
      code: code, message: members["Message"] ?? "", status: status, requestId: members["RequestId"] ?? "")
  }
}

/// What a request carries.
public enum RequestBody: Sendable, Equatable {
  case none
  case bytes([UInt8])
  /// The content of a file, sent without holding it in memory.
  case file(String)
}
