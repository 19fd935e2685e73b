import ControlPlane
import Hummingbird
import NIOCore
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

/// How a service looks to its clients: what it answers, and how it puts an error.
protocol ServiceFace: Sendable {
  /// Answers a request of which only the head is here, and nothing is proved yet.
  func respond(
    to request: Request, at door: FrontDoor, from channel: any Channel, requestID: String
  ) async throws -> Response
  func answer(_ failure: Failure, requestID: String) -> Response
}

/// A service whose requests are short, so that they are taken whole before they are looked at.
protocol WholeRequestFace: ServiceFace {
  var service: ServiceName { get }
  /// Largest body of a request, in bytes.
  var largestBody: Int { get }
  func answer(_ request: ServiceRequest) async throws -> Response
}

extension WholeRequestFace {
  /// A CreateTrainingJob with every list full stays below half of it.
  var largestBody: Int { 1 << 20 }

  func respond(
    to request: Request, at door: FrontDoor, from channel: any Channel, requestID: String
  ) async throws -> Response {
    let body = try await door.collect(request, upTo: largestBody, from: channel)
    let identity = try door.verify(request, for: service, bodyDigest: { BodyHash.of(body) })
    return try await answer(ServiceRequest(http: request, body: body, identity: identity, id: requestID))
  }
}

/// An error on its way out, before it is put into a service's own form.
struct Failure {
  let code: String
  let message: String
  let status: Int
  /// More about it, for services whose errors have further members.
  var details: [String: String] = [:]

  init(_ error: ServiceError) {
    (code, message, status) = (error.code.rawValue, error.message, error.code.httpStatus)
  }

  init(_ error: SignatureError) {
    (code, message, status) = (error.code, error.message, error.httpStatus)
  }

  init(_ error: S3Error) {
    (code, message, status) = (error.code.rawValue, error.message, error.code.httpStatus)
    details = error.details
  }
}
