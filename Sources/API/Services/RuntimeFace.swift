import ControlPlane
import Foundation
import HTTPTypes
import Hummingbird
import JSONKit
import NIOCore
import Wire

/// The action of SageMaker's runtime that the data plane does not answer itself: `POST /endpoints/NAME/async-invocations`.
struct RuntimeFace: WholeRequestFace {
  static let prefix = "/endpoints/"
  private static let action = "async-invocations"

  let invocations: AsyncInvocationService
  var service: ServiceName { .sagemaker }
  var largestBody: Int { invocations.largestBody }

  func answer(_ request: ServiceRequest) async throws -> Response {
    let segments = request.http.uri.path.split(separator: "/")
    guard request.http.method == .post, segments.count == 3, segments[2] == Self.action,
      let name = segments[1].removingPercentEncoding
    else { throw ServiceError.nothing(at: request.http) }
    let input = try InvokeEndpointAsyncRequest(endpoint: name) { name in
      HTTPField.Name(name).flatMap { request.http.headers[$0] }
    }
    let answer = try await invocations.invoke(input, body: request.body)
    var response = Self.response(
      .accepted, ["InferenceId": .string(answer.inferenceID)], requestID: request.id)
    response.headers[.outputLocation] = answer.output
    response.headers[.failureLocation] = answer.failure
    return response
  }

  func answer(_ failure: Failure, requestID: String) -> Response {
    var response = Self.response(
      .init(code: failure.status), ["Message": .string(failure.message)], requestID: requestID)
    response.headers[.amzErrorType] = failure.code
    return response
  }

  private static func response(_ status: HTTPResponse.Status, _ body: JSON, requestID: String) -> Response {
    var headers = HTTPFields()
    headers[.contentType] = "application/json"
    headers[.amzRequestID] = requestID
    return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body.bytes)))
  }
}
