import ControlPlane
import Hummingbird
import Signing
import Wire

/// A request whose sender is proved and whose body is here.
struct ServiceRequest {
  let http: Request
  let body: [UInt8]
  let identity: VerifiedIdentity
  let id: String

  var region: String { identity.region }
}

/// How a service looks to its clients: what it answers, and how it puts an error. The small services' requests come whole
/// and proved; S3's bodies are streamed, so it proves its senders itself.
protocol ServiceFace: Sendable {
  /// Largest body of a request, in bytes.
  var largestBody: Int { get }
  func answer(_ request: ServiceRequest) async throws -> Response
  func answer(_ failure: Failure, requestID: String) -> Response
}

extension ServiceFace {
  /// A CreateTrainingJob with every list full stays below half of it.
  var largestBody: Int { 1 << 20 }
}

/// An error on its way out, before it is put into a service's own form.
struct Failure {
  let code: String
  let message: String
  let status: Int

  init(_ error: ServiceError) {
    (code, message, status) = (error.code.rawValue, error.message, error.code.httpStatus)
  }

  init(_ error: SignatureError) {
    (code, message, status) = (error.code, error.message, error.httpStatus)
  }
}
