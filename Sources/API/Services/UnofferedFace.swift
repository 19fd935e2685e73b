import Hummingbird
import Signing
import Wire

/// A service whose requests are known for what they are and not answered.
struct UnofferedFace: WholeRequestFace {
  let service: ServiceName

  func answer(_ request: ServiceRequest) async throws -> Response {
    throw ServiceError(.unknownOperation, "The service \(request.identity.service) is not offered by htr.")
  }

  func answer(_ failure: Failure, requestID: String) -> Response { Answer.failure(failure, requestID: requestID) }
}
