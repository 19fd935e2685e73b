import Foundation
import Hummingbird
import JSONKit
import Wire

/// The actions of a service that speaks AWS's JSON protocol.
protocol JSONActions: Sendable {
  static var service: ServiceName { get }
  /// What stands before the action's name in X-Amz-Target.
  static var targetPrefix: String { get }

  /// The action's output; nil for actions that have none.
  func perform(_ action: String, _ request: JSON, in region: String) async throws -> JSON?
}

/// AWS's JSON protocol, 1.0 and 1.1: `POST /`, the action in X-Amz-Target.
struct JSONFace<Actions: JSONActions>: WholeRequestFace {
  let actions: Actions
  var service: ServiceName { Actions.service }
  var version = "1.1"
  var largestBody = 1 << 20

  func answer(_ request: ServiceRequest) async throws -> Response {
    guard request.http.method == .post, request.http.uri.path == "/" else {
      throw ServiceError.nothing(at: request.http)
    }
    let target = request.http.headers[.amzTarget] ?? ""
    guard target.hasPrefix(Actions.targetPrefix) else {
      throw ServiceError(
        .unknownOperation,
        "The X-Amz-Target '\(target.prefix(100))' is none of this service's, which begin with \(Actions.targetPrefix).")
    }
    let action = String(target.dropFirst(Actions.targetPrefix.count))
    let input: JSON
    do {
      input = try JSON(parsing: request.body.isEmpty ? Array("{}".utf8) : request.body)
    } catch { throw ServiceError(.serialization, "The request's body is \(error).") }
    return Answer.json(
      try await actions.perform(action, input, in: request.region), version: version, requestID: request.id)
  }

  func answer(_ failure: Failure, requestID: String) -> Response {
    Answer.failure(failure, version: version, requestID: requestID)
  }
}

extension ServiceError {
  static func nothing(at request: Request) -> ServiceError {
    ServiceError(.unknownOperation, "There is nothing at \(request.method.rawValue) \(request.uri.path.prefix(200)).")
  }

  static func unknownAction(_ action: String) -> ServiceError {
    ServiceError(.unknownOperation, "The action \(action.prefix(100)) is not offered by htr.")
  }
}
