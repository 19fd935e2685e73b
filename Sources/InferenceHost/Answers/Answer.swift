import HTTPTypes
import Hummingbird
import JSONKit
import NIOCore

extension HTTPField.Name {
  private static func known(_ name: String) -> HTTPField.Name {
    guard let name = HTTPField.Name(name) else { preconditionFailure("a valid header name") }
    return name
  }

  static let queueMilliseconds = known("x-htr-queue-ms")
  static let readMilliseconds = known("x-htr-read-ms")
  static let customAttributes = known("x-amzn-sagemaker-custom-attributes")
}

/// Responses to invocations.
enum Answer {
  static func findings<Model: ServedModel>(
    _ report: ReadingReport<Model.Finding>, of model: Model, options: Model.Options,
    form: Model.Form
  ) -> Response {
    let body = model.body(of: report.findings, options: options, form: form)
    var response = response(.ok, model.contentType(of: form), body)
    response.headers[.queueMilliseconds] = milliseconds(report.queued)
    response.headers[.readMilliseconds] = milliseconds(report.read)
    return response
  }

  static func failure(_ fault: InvocationFault) -> Response {
    let body: JSON = ["error": ["code": .string(fault.code.rawValue), "message": .string(fault.message)]]
    var response = response(.init(code: fault.code.status), AnswerFormat.json.contentType, body.bytes)
    if let seconds = fault.code.retryAfter { response.headers[.retryAfter] = String(seconds) }
    return response
  }

  static func methodNotAllowed(_ request: Request, allowed: String) -> Response {
    let message = "\(request.uri.path) does not take \(request.method.rawValue): use \(allowed)."
    var response = failure(InvocationFault(.methodNotAllowed, message))
    response.headers[.allow] = allowed
    return response
  }

  private static func response(_ status: HTTPResponse.Status, _ type: String, _ body: [UInt8]) -> Response {
    Response(status: status, headers: [.contentType: type], body: .init(byteBuffer: ByteBuffer(bytes: body)))
  }

  /// With one decimal.
  private static func milliseconds(_ duration: Duration) -> String {
    let tenths = duration / .microseconds(100)
    return "\(tenths.rounded() / 10)"
  }
}
