import ControlPlane
import HTTPTypes
import HostKit
import Hummingbird
import JSONKit
import NIOCore
import Signing
import Wire

/// `/htr/v1/…`: what SageMaker's API has no word for. Waiting is a long poll that an event answers.
struct HTRRoutes {
  static let prefix = "/htr/v1/"
  /// Of a request, in bytes.
  static let largestBody = 1 << 20
  /// Longest time that a waiting request is held; clients ask again.
  private static let longestWait = 300.0

  let daemon: Daemon
  let door: Door

  func respond(to request: Request, body: [UInt8], identity: VerifiedIdentity) async throws -> Response {
    let segments = request.uri.path.dropFirst(Self.prefix.count).split(separator: "/").map(String.init)
    let jobs = daemon.trainingJobs
    switch (request.method, segments.count, segments.first, segments.last) {
    case (.get, 1, "status", _):
      return answer(try await daemon.status())
    case (.post, 1, "snapshot", _): return answer(try await daemon.housekeeping.snapshot())
    case (.post, 1, "gc", _): return answer(try await sweep(body))
    case (.get, 1, "environment", _):
      guard case .unixSocket = door else {
        throw ServiceError(.accessDenied, "The keys are only told on the Unix socket.")
      }
      return answer(daemon.environment())
    case (.post, 2, "training-jobs", "wait"):
      return answer(try await jobs.wait(for: WaitRequest(body: body, longest: Self.longestWait)))
    case (.get, 2, "training-jobs", let name?):
      return answer(try await watch(name, request))
    case (.get, 3, "training-jobs", "log"):
      return try await log(segments[1], request)
    case (.get, 3, "training-jobs", "metrics"):
      return answer(try await jobs.metrics(segments[1]))
    case (.get, 3, "training-jobs", "events"):
      return answer(try await jobs.events(segments[1]))
    case (_, _, "endpoints", _), (_, _, "models", _):
      return try await endpointRoute(request, Array(segments), region: identity.region)
    case (_, _, "transform-jobs", _): return try await transformRoute(request, Array(segments))
    default: throw ServiceError.nothing(at: request)
    }
  }

  /// `{"DryRun": true, "OlderThanDays": 7}`.
  private func sweep(_ body: [UInt8]) async throws -> JSON {
    let input: JSON
    do { input = try JSON(parsing: body.isEmpty ? Array("{}".utf8) : body) } catch {
      throw ServiceError(.serialization, "The request's body is \(error).")
    }
    let days = input["OlderThanDays"]?.number ?? 7
    guard (0...36_500).contains(days) else {
      throw ServiceError.validation("OlderThanDays is \(days): it must lie between 0 and 36500.")
    }
    return try await daemon.housekeeping.sweep(olderThanDays: days, isTrial: input["DryRun"]?.bool ?? false)
  }

  /// `transform-jobs/NAME[/log|/events|/outputs]`.
  private func transformRoute(_ request: Request, _ segments: [String]) async throws -> Response {
    let jobs = daemon.transformJobs
    switch (request.method, segments.count, segments.last) {
    case (.get, 2, let name?):
      let (version, seconds) = watched(request)
      return answer(try await jobs.watch(name, newerThan: version, seconds: seconds))
    case (.get, 3, "events"): return answer(try await jobs.events(segments[1]))
    case (.get, 3, "outputs"):
      return answer(try await jobs.outputs(segments[1], after: String(request.uri.queryParameters["after"] ?? "")))
    case (.get, 3, "log"):
      let parameters = request.uri.queryParameters
      let worker = parameters["worker"].flatMap { Int($0) } ?? 1
      return stream(
        try await jobs.log(
          segments[1], worker: max(1, worker), from: offset(request), follows: parameters["follow"] == "true"))
    default: throw ServiceError.nothing(at: request)
    }
  }

  /// `endpoints/NAME[/log|/events]` and `models/NAME`.
  private func endpointRoute(_ request: Request, _ segments: [String], region: String) async throws -> Response {
    let endpoints = daemon.endpoints
    switch (request.method, segments.count, segments[0], segments.last) {
    case (.get, 2, "models", let name?): return answer(try await daemon.models.report(name, region: region))
    case (.get, 2, "endpoints", let name?):
      let (version, seconds) = watched(request)
      return answer(try await endpoints.watch(name, region: region, newerThan: version, seconds: seconds))
    case (.get, 3, "endpoints", "events"): return answer(try await endpoints.events(segments[1], region: region))
    case (.get, 3, "endpoints", "log"):
      let parameters = request.uri.queryParameters
      let log = try await endpoints.log(
        segments[1], region: region, variant: parameters["variant"].map(String.init),
        instance: parameters["instance"].map(String.init), from: offset(request),
        follows: parameters["follow"] == "true")
      return stream(log)
    default: throw ServiceError.nothing(at: request)
    }
  }

  /// The version that a watcher knows, and how long it waits for a newer one.
  private func watched(_ request: Request) -> (version: Int64?, seconds: Double) {
    let parameters = request.uri.queryParameters
    let timeout = parameters["timeout"].flatMap { Double($0) } ?? 30
    return (parameters["version"].flatMap { Int64($0) }, min(max(0, timeout), Self.longestWait))
  }

  private func offset(_ request: Request) -> UInt64 {
    request.uri.queryParameters["offset"].flatMap { UInt64($0) } ?? 0
  }

  private func watch(_ name: String, _ request: Request) async throws -> JSON {
    let (version, seconds) = watched(request)
    return try await daemon.trainingJobs.watch(name, newerThan: version, seconds: seconds)
  }

  private func log(_ name: String, _ request: Request) async throws -> Response {
    stream(
      try await daemon.trainingJobs.log(
        name, from: offset(request), follows: request.uri.queryParameters["follow"] == "true"))
  }

  private func stream(_ log: ResourceLog) -> Response {
    var headers = HTTPFields()
    headers[.contentType] = "application/octet-stream"
    let body = ResponseBody { writer in
      for try await chunk in log { try await writer.write(ByteBuffer(bytes: chunk)) }
      try await writer.finish(nil)
    }
    return Response(status: .ok, headers: headers, body: body)
  }

  private func answer(_ value: JSON) -> Response { Answer.json(value, requestID: Identifier.uuid()) }
}
