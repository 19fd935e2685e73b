import JSONKit
import NIOCore
import Signing

/// An answer that says why there is none, as AWS words it.
struct Failure {
  let status: Int
  let code: String
  let message: String
  var members: [(key: String, value: JSON)] = []
  var retryAfterSeconds: Int?
  /// How it is counted; nil: not at all.
  var kind: VariantFigures.ErrorKind? = .client

  /// Appends the whole answer.
  func write(to buffer: inout ByteBuffer, requestID: RequestID, closes: Bool, variant: String? = nil) {
    let body = JSON.object(.init(members + [("Message", .string(message))])).text
    buffer.writeString("HTTP/1.1 \(status) \(Self.reasons[status] ?? "Error")\r\n")
    buffer.writeString("content-type: application/json\r\nx-amzn-ErrorType: \(code)\r\nx-amzn-RequestId: ")
    requestID.write(to: &buffer)
    buffer.writeStaticString("\r\n")
    if let variant { buffer.writeString("x-Amzn-Invoked-Production-Variant: \(variant)\r\n") }
    if let retryAfterSeconds { buffer.writeString("retry-after: \(retryAfterSeconds)\r\n") }
    if status == 405 { buffer.writeStaticString("allow: POST\r\n") }
    if closes { buffer.writeStaticString("connection: close\r\n") }
    buffer.writeString("content-length: \(body.utf8.count)\r\n\r\n")
    buffer.writeString(body)
  }

  private static let reasons: [Int: String] = [
    400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout",
    413: "Content Too Large", 424: "Failed Dependency", 429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error", 501: "Not Implemented", 503: "Service Unavailable", 505: "HTTP Version Not Supported",
  ]
}

// MARK: What the router itself refuses

extension Failure {
  init(_ fault: HeadFault) { self.init(status: fault.status, code: "ValidationError", message: fault.message) }

  init(refusing error: any Error) {
    if let error = error as? SignatureError {
      self.init(status: error.httpStatus, code: error.code, message: error.message)
    } else {
      self.init(status: 403, code: "AccessDeniedException", message: "\(error)")
    }
  }

  static func unknownEndpoint(_ name: String, account: String) -> Failure {
    Failure(
      status: 400, code: "ValidationError", message: "Endpoint \(name.prefix(100)) of account \(account) not found.")
  }

  static func unknownVariant(_ variant: String, endpoint: String) -> Failure {
    Failure(
      status: 400, code: "ValidationError",
      message: "Endpoint \(endpoint) has no variant \(variant.prefix(100)). `htrctl describe endpoint` lists them.")
  }

  static func noWeight(_ endpoint: String) -> Failure {
    Failure(
      status: 400, code: "ValidationError",
      message: "Every variant of endpoint \(endpoint) has weight 0. Name one with TargetVariant, or change the weights."
    )
  }

  static func tooLarge(limit: Int) -> Failure {
    Failure(
      status: 413, code: "RequestEntityTooLargeException", message: "HTTP content length exceeded \(limit) bytes.")
  }

  static var slowBody: Failure {
    Failure(status: 408, code: "RequestTimeoutException", message: "The request's body did not arrive in time.")
  }

  static func lineFull(_ longest: Int) -> Failure {
    Failure(
      status: 429, code: "ThrottlingException",
      message:
        "\(longest) requests wait for this variant already. Send less at a time, or give the variant more instances.",
      retryAfterSeconds: 1, kind: .refused)
  }

  static func memoryFull(_ limit: Int) -> Failure {
    Failure(
      status: 429, code: "ThrottlingException",
      message: "Requests in hand hold \(limit) bytes, all that the router may. Send less at a time.",
      retryAfterSeconds: 1, kind: .refused)
  }

  static func notReady(_ endpoint: String, variant: String) -> Failure {
    Failure(
      status: 503, code: "ServiceUnavailable",
      message: "No instance of variant \(variant) of endpoint \(endpoint) took the request in time. "
        + "`htrctl wait endpoint \(endpoint)` tells what it is waiting for.",
      retryAfterSeconds: 5, kind: .notReady)
  }
}

// MARK: What workers do wrong

extension Failure {
  static let longestQuote = 1 << 10
  static let longestOriginal = 64 << 10

  /// A worker's answer that is no success.
  static func ofModel(status: Int, body: HeldBody, at place: Place) -> Failure {
    let original = body.text(upTo: longestOriginal)
    let side = status >= 500 ? "server" : "client"
    let quote = String(decoding: original.utf8.prefix(longestQuote), as: UTF8.self)
    return model(
      "Received \(side) error (\(status)) from primary with message \"\(quote)\".", status: status, original: original,
      at: place, kind: status >= 500 ? .modelServer : .modelClient)
  }

  /// A worker that gave no answer at all, or none that can be read.
  static func ofWorker(_ reason: String, at place: Place, kind: VariantFigures.ErrorKind = .modelServer) -> Failure {
    model(reason, status: 500, original: reason, at: place, kind: kind)
  }

  private static func model(
    _ reason: String, status: Int, original: String, at place: Place, kind: VariantFigures.ErrorKind
  ) -> Failure {
    let arn = "arn:aws:logs:\(place.region):\(place.account):log-group:/aws/sagemaker/Endpoints/\(place.endpoint)"
    return Failure(
      status: 424, code: "ModelError",
      message:
        "\(reason) See `htrctl logs endpoint \(place.endpoint)` in account \(place.account) for more information.",
      members: [
        ("ErrorCode", .string(status >= 500 ? "INTERNAL_FAILURE_FROM_MODEL" : "CLIENT_ERROR_FROM_MODEL")),
        ("OriginalStatusCode", .integer(Int64(status))), ("OriginalMessage", .string(original)),
        ("LogStreamArn", .string(arn)),
      ], kind: kind)
  }
}
