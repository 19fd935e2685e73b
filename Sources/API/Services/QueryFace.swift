import HTTPTypes
import Hummingbird
import JSONKit
import NIOCore
import Signing
import Wire

/// The actions of a service that speaks AWS's query protocol.
protocol QueryActions: Sendable {
  static var service: ServiceName { get }
  /// The XML namespace of the service's answers.
  static var namespace: String { get }
  /// The version of the service's API: a date.
  static var version: String { get }

  /// The action's output; nil for actions that have none.
  func perform(_ action: String, _ members: JSON, for caller: VerifiedIdentity) async throws -> JSON?
}

/// AWS's query protocol: a form as the body of `POST /`, or in the address; answers in XML.
struct QueryFace<Actions: QueryActions>: WholeRequestFace {
  let actions: Actions
  var service: ServiceName { Actions.service }
  var largestBody: Int { 1 << 18 }

  func answer(_ request: ServiceRequest) async throws -> Response {
    let http = request.http
    guard http.method == .post || http.method == .get, http.uri.path == "/" else {
      throw ServiceError.nothing(at: http)
    }
    let query = try QueryRequest(query: http.uri.query ?? "", form: request.body)
    guard query.version ?? Actions.version == Actions.version else {
      throw ServiceError(
        .unknownOperation,
        "Could not find operation \(query.action.prefix(100)) for version \(query.version?.prefix(100) ?? ""). "
          + "htr has version \(Actions.version).")
    }
    let result = try await actions.perform(query.action, query.members, for: request.identity)
    return xml(
      QueryAnswer.success(query.action, result: result, namespace: Actions.namespace, requestID: request.id),
      status: .ok, requestID: request.id)
  }

  func answer(_ failure: Failure, requestID: String) -> Response {
    let text = QueryAnswer.failure(
      code: QueryAnswer.code(failure.code), message: failure.message, status: failure.status,
      namespace: Actions.namespace, requestID: requestID)
    return xml(text, status: .init(code: failure.status), requestID: requestID)
  }

  private func xml(_ text: String, status: HTTPResponse.Status, requestID: String) -> Response {
    var headers = HTTPFields()
    headers[.contentType] = "text/xml"
    headers[.amzRequestID] = requestID
    return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
  }
}
