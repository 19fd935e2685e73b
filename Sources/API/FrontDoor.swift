import ControlPlane
import Foundation
import HTTPTypes
import HostKit
import Hummingbird
import JSONKit
import Logging
import NIOCore
import Serving
import Signing
import Wire

/// The context of a request: what Hummingbird needs, and the connection it came over.
struct DoorContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel

  init(source: Source) {
    coreContext = .init(source: source)
    channel = source.channel
  }
}

/// Takes every request: finds the service it is for, bounds it, proves who sends it, and hands it on.
struct FrontDoor: HTTPResponder {
  typealias Context = DoorContext

  /// Seconds within which a body that is wanted whole must have arrived; then the connection is closed.
  static let bodySeconds: Int64 = 30

  let door: Door
  let daemon: Daemon
  let credentials: Credentials
  let logger: Logger

  func respond(to request: Request, context: Context) async throws -> Response {
    let requestID = Identifier.uuid()
    let service: ServiceName
    do {
      service = try ServiceName(of: request, through: door)
    } catch {
      let names = ServiceName.allCases.map(\.rawValue).joined(separator: ", ")
      let error = ServiceError(
        .accessDenied, "The service '\(error.name.prefix(100))' is not offered here; there are: \(names).")
      return Answer.failure(Failure(error), requestID: requestID)
    }
    let face = face(of: service, for: request)
    do {
      try checkOrigin(of: request)
      if service == .sagemaker, request.uri.path == MetricsPage.path {
        return try await MetricsPage(door: self).respond(to: request)
      }
      if service == .sagemaker, request.uri.path.hasPrefix(HTRRoutes.prefix) {
        let body = try await collect(request, upTo: HTRRoutes.largestBody, from: context.channel)
        let identity = try verify(request, for: service, bodyDigest: { BodyHash.of(body) })
        return try await HTRRoutes(daemon: daemon, door: door).respond(to: request, body: body, identity: identity)
      }
      return try await face.respond(to: request, at: self, from: context.channel, requestID: requestID)
    } catch {
      return face.answer(failure(error, requestID: requestID), requestID: requestID)
    }
  }

  private func face(of service: ServiceName, for request: Request) -> any ServiceFace {
    switch service {
    case .sagemaker:
      if request.uri.path.hasPrefix(RuntimeFace.prefix) {
        RuntimeFace(invocations: daemon.asyncInvocations)
      } else {
        JSONFace(actions: SageMakerActions(daemon: daemon))
      }
    case .s3: S3Face(request, objects: daemon.objects)
    case .sts: QueryFace(actions: SecurityTokenActions(service: daemon.securityTokens))
    case .iam: QueryFace(actions: DirectoryActions(service: daemon.directory))
    case .logs: JSONFace(actions: LogsActions(logs: daemon.logs), largestBody: 4 << 20)
    case .monitoring:
      if request.headers[.amzTarget] != nil {
        JSONFace(actions: MonitoringActions(metrics: daemon.metrics), version: "1.0")
      } else {
        QueryFace(actions: MonitoringQueryActions(actions: MonitoringActions(metrics: daemon.metrics)))
      }
    }
  }

  private func failure(_ error: any Error, requestID: String) -> Failure {
    switch error {
    case let error as ServiceError: return Failure(error)
    case let error as SignatureError: return Failure(error)
    case let error as S3Error: return Failure(error)
    default:
      logger.error("request failed", metadata: ["request": "\(requestID)", "error": "\(error)"])
      let message = "htr could not answer this request: \(error). The daemon's log tells more (request \(requestID))."
      return Failure(ServiceError(.internalFailure, message))
    }
  }

  /// A browser page of somebody else's must not reach the daemon through its user: the Host must be ours (DNS
  /// rebinding), and an Origin must not be there (cross-site requests); AWS clients send none.
  private func checkOrigin(of request: Request) throws {
    guard case .tcp(let hosts) = door else { return }
    guard request.headers[.origin] == nil else {
      throw ServiceError(.accessDenied, "Requests from web pages (with an Origin header) are not accepted.")
    }
    let host = request.head.authority ?? ""
    guard hosts.contains(host.lowercased()) else {
      throw ServiceError(
        .accessDenied,
        "The Host '\(host.prefix(100))' is not one of this daemon's: \(hosts.sorted().joined(separator: ", ")).")
    }
  }

  /// Proves who sends a request whose body is here.
  func verify(
    _ request: Request, for service: ServiceName = .sagemaker, bodyDigest: () -> String
  ) throws -> VerifiedIdentity {
    switch door {
    case .unixSocket: try peer(of: request, service)
    case .tcp:
      try verifier(of: service).verify(RequestHead(request), bodyDigest: bodyDigest, keys: daemon.keys, now: Self.now)
    }
  }

  /// Proves who sends a request whose body is still to come, and says what the body must be.
  func admit(
    _ request: Request, _ head: RequestHead, for service: ServiceName
  ) throws -> (identity: VerifiedIdentity, body: SignedBody) {
    switch door {
    case .unixSocket: return (try peer(of: request, service), .unsigned)
    case .tcp:
      do throws(SignatureError) {
        let admitted = try verifier(of: service).admit(head, keys: daemon.keys, now: Self.now)
        return (admitted.identity, admitted.body)
      } catch { throw error.from(service.rawValue) }
    }
  }

  private static var now: Int64 { Timestamp.now().milliseconds / 1000 }

  private func verifier(of service: ServiceName) -> SignatureVerifier {
    SignatureVerifier(services: [service.rawValue], defaultRegion: daemon.settings.region)
  }

  private func peer(of request: Request, _ service: ServiceName) throws -> VerifiedIdentity {
    guard let uid = request.headers[PeerCredentialHandler.headerName].flatMap(UInt32.init) else {
      throw ServiceError(.accessDenied, "The kernel does not tell who is at the other end of the socket.")
    }
    return try PeerVerifier.verify(
      peerUID: uid, ownerUID: getuid(), region: daemon.settings.region, service: service.rawValue)
  }

  /// The whole body of a request, which must come within a time and be no longer than `largest` bytes.
  func collect(
    _ request: Request, upTo largest: Int, from channel: any Channel
  ) async throws -> [UInt8] {
    let tooLarge = ServiceError(.requestEntityTooLarge, "The request's body is larger than \(largest) bytes.")
    if let length = request.headers[.contentLength].flatMap(Int.init), length > largest { throw tooLarge }
    guard request.headers[.contentLength] != nil || request.headers[.transferEncoding] != nil else { return [] }
    if request.headers[.expect] != nil { channel.triggerUserOutboundEvent(BodyWanted(), promise: nil) }
    // The event loop's own timers: a cancelled one is gone, while a cancelled Task.sleep keeps its memory to the end of
    // its time, and this is done for every request.
    let deadline = channel.eventLoop.scheduleTask(in: .seconds(Self.bodySeconds)) { [channel] in
      channel.close(promise: nil)
    }
    defer { deadline.cancel() }
    do {
      return Array(try await request.body.collect(upTo: largest).readableBytesView)
    } catch is NIOTooManyBytesError { throw tooLarge }
  }
}

extension RequestHead {
  /// The request as its signature sees it. Host stands in the authority here, and in a header on the wire.
  init(_ request: Request) {
    let parts = (request.head.path ?? "/").split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var headers = request.headers.map { (name: $0.name.canonicalName, value: $0.value) }
    if let authority = request.head.authority { headers.append((name: "host", value: authority)) }
    self.init(
      method: request.method.rawValue, rawPath: parts.first.map(String.init) ?? "/",
      rawQuery: parts.count > 1 ? String(parts[1]) : "", headers: headers)
  }
}
