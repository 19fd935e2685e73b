import HTTPTypes
import Hummingbird
import JSONKit
import NIOCore

extension HTTPField.Name {
  private static func known(_ name: String) -> HTTPField.Name {
    guard let name = HTTPField.Name(name) else { preconditionFailure("a valid header name") }
    return name
  }

  static let amzTarget = known("x-amz-target")
  /// S3 calls it by another name than the other services.
  static let amzStorageRequestID = known("x-amz-request-id")
  static let amzRequestID = known("x-amzn-requestid")
  static let amzQueryError = known("x-amzn-query-error")
  static let amzErrorType = known("x-amzn-errortype")
  static let outputLocation = known("x-amzn-sagemaker-outputlocation")
  static let failureLocation = known("x-amzn-sagemaker-failurelocation")
  static let htrService = known("x-htr-service")
}

/// Responses in the form that AWS's JSON services give them.
enum Answer {
  /// A result; none means an action without output, whose body is empty.
  static func json(_ value: JSON?, version: String = "1.1", requestID: String) -> Response {
    response(status: .ok, body: value?.bytes ?? [], version: version, requestID: requestID)
  }

  static func failure(_ failure: Failure, version: String = "1.1", requestID: String) -> Response {
    let body: JSON = ["__type": .string(failure.code), "message": .string(failure.message)]
    var response = response(
      status: .init(code: failure.status), body: body.bytes, version: version, requestID: requestID)
    response.headers[.amzErrorType] = failure.code
    // Services that once spoke the query protocol have kept its codes, which clients still go by.
    if version == "1.0" {
      let code = failure.code.hasSuffix("Exception") ? String(failure.code.dropLast("Exception".count)) : failure.code
      response.headers[.amzQueryError] = "\(code);\(failure.status < 500 ? "Sender" : "Receiver")"
    }
    return response
  }

  private static func response(
    status: HTTPResponse.Status, body: [UInt8], version: String, requestID: String
  ) -> Response {
    var headers = HTTPFields()
    headers[.contentType] = "application/x-amz-json-\(version)"
    headers[.amzRequestID] = requestID
    return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body)))
  }
}
