import HTTPTypes
import Hummingbird
import JSONKit
import NIOCore
import Wire

extension HTTPField.Name {
  private static func known(_ name: String) -> HTTPField.Name {
    guard let name = HTTPField.Name(name) else { preconditionFailure("a valid header name") }
    return name
  }

  static let amzTarget = known("x-amz-target")
  static let amzRequestID = known("x-amzn-requestid")
  static let amzErrorType = known("x-amzn-errortype")
  static let amzContentDigest = known("x-amz-content-sha256")
}

/// Responses in the form that AWS's JSON services give them.
enum Answer {
  private static let contentType = "application/x-amz-json-1.1"

  /// A result; none means an action without output, whose body is empty.
  static func json(_ value: JSON?, requestID: String) -> Response {
    response(status: .ok, body: value?.bytes ?? [], requestID: requestID)
  }

  static func failure(_ error: ServiceError, requestID: String) -> Response {
    failure(code: error.code.rawValue, message: error.message, status: error.code.httpStatus, requestID: requestID)
  }

  static func failure(code: String, message: String, status: Int, requestID: String) -> Response {
    let body: JSON = ["__type": .string(code), "message": .string(message)]
    var response = response(status: .init(code: status), body: body.bytes, requestID: requestID)
    response.headers[.amzErrorType] = code
    return response
  }

  private static func response(status: HTTPResponse.Status, body: [UInt8], requestID: String) -> Response {
    var headers = HTTPFields()
    headers[.contentType] = contentType
    headers[.amzRequestID] = requestID
    return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body)))
  }
}
