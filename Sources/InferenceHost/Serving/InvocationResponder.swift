import HTTPTypes
import HostKit
import Hummingbird
import Logging
import NIOCore

/// The context of a request: what Hummingbird needs, and the connection it came over.
struct ConnectionContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel

  init(source: Source) {
    coreContext = .init(source: source)
    channel = source.channel
  }
}

/// Answers `GET /ping` and `POST /invocations`, the two requests of SageMaker's container contract.
struct InvocationResponder<Model: ServedModel>: HTTPResponder {
  typealias Context = ConnectionContext

  /// Seconds within which a body must have arrived; then the connection is closed.
  static var bodySeconds: Int64 { 30 }

  let settings: InferenceSettings
  let batcher: ReadingBatcher<Model>
  let disconnections: Disconnections
  let budget: MemoryBudget
  let workbenches: Workbenches
  let logger: Logger

  func respond(to request: Request, context: Context) async throws -> Response {
    do {
      try checkOrigin(of: request)
      switch (request.uri.path, request.method) {
      case ("/ping", .get), ("/ping", .head): return await ping()
      case ("/invocations", .post): return try await invoke(request, over: context.channel)
      case ("/ping", _): return Answer.methodNotAllowed(request, allowed: "GET, HEAD")
      case ("/invocations", _): return Answer.methodNotAllowed(request, allowed: "POST")
      default:
        let asked = "\(request.method.rawValue) \(request.uri.path.prefix(200))"
        throw InvocationFault(.notFound, "There is nothing at \(asked): there are GET /ping and POST /invocations.")
      }
    } catch let fault as InvocationFault {
      return Answer.failure(fault)
    } catch {
      // What arrives here is a connection that broke while its body was read: nobody will see the answer.
      logger.debug("request broken off", metadata: ["error": "\(error)"])
      return Answer.failure(InvocationFault(.badRequest, "The request's body did not arrive: \(error)."))
    }
  }

  /// Healthy is a model that has passed its self-test, and has not failed since without passing it again.
  private func ping() async -> Response {
    guard batcher.phase == .serving else { return Response(status: .serviceUnavailable) }
    guard !batcher.isWell else { return Response(status: .ok) }
    let ticket = batcher.open()
    defer { batcher.close(ticket) }
    do {
      let (item, options) = try batcher.servingModel().selfTest
      _ = try await batcher.read([item], options: options, ticket: ticket)
      return Response(status: .ok)
    } catch {
      logger.warning("unhealthy", metadata: ["reason": "\(error.message)"])
      return Response(status: .serviceUnavailable)
    }
  }

  private func invoke(_ request: Request, over channel: any Channel) async throws -> Response {
    let model = try batcher.servingModel()
    let form = try model.form(for: request.headers)
    let ticket = batcher.open()
    defer { batcher.close(ticket) }
    disconnections.watch(channel) { [batcher] in batcher.abandon(ticket, because: .disconnected) }
    defer { disconnections.unwatch(channel) }
    let (items, options, share) = try await invocation(of: request, for: model, over: channel)
    defer { withExtendedLifetime(share) {} }
    // The event loop's own timers: a cancelled one is gone, while a cancelled Task.sleep keeps its memory to the end of
    // its time, and this is done for every request.
    let limit = settings.deadline
    let deadline = channel.eventLoop.scheduleTask(in: TimeAmount(limit)) { [batcher] in
      batcher.abandon(ticket, because: .overdue(limit))
    }
    defer { deadline.cancel() }
    let report = try await batcher.read(items, options: options, ticket: ticket)
    return Answer.findings(report, of: model, options: options, form: form)
  }

  /// The items of a request, and the memory they take.
  private func invocation(
    of request: Request, for model: Model, over channel: any Channel
  ) async throws -> ([Model.Item], Model.Options, MemoryBudget.Share) {
    let limits = settings.limits
    let length = request.headers[.contentLength].flatMap(Int.init)
    if let length, length > limits.bodyBytes { throw InvocationFault.bodyTooLarge(limits) }
    let share = try budget.share(length ?? limits.bodyBytes)
    defer { withExtendedLifetime(share) {} }
    let body = try await collect(request, from: channel)
    let contentType = request.headers[.contentType]
    let (items, options) = try await workbenches.run { () throws(InvocationFault) in
      try model.understand(body, contentType: contentType, limits: limits)
    }
    return (items, options, try budget.share(items.reduce(0) { $0 + model.size(of: $1) }))
  }

  private func collect(_ request: Request, from channel: any Channel) async throws -> [UInt8] {
    guard request.headers[.contentLength] != nil || request.headers[.transferEncoding] != nil else { return [] }
    let deadline = channel.eventLoop.scheduleTask(in: .seconds(Self.bodySeconds)) { [channel] in
      channel.close(promise: nil)
    }
    defer { deadline.cancel() }
    do {
      return Array(try await request.body.collect(upTo: settings.limits.bodyBytes).readableBytesView)
    } catch is NIOTooManyBytesError { throw InvocationFault.bodyTooLarge(settings.limits) }
  }

  /// A browser page of somebody else's must not reach a worker on TCP through its user: the Host must be this machine's
  /// (DNS rebinding), and an Origin must not be there (cross-site requests).
  private func checkOrigin(of request: Request) throws(InvocationFault) {
    guard case .tcp = settings.address else { return }
    guard request.headers[.origin] == nil else {
      throw InvocationFault(.forbidden, "Requests from web pages (with an Origin header) are not accepted.")
    }
    let authority = request.head.authority ?? ""
    let host =
      authority.hasSuffix("]") ? authority[...] : authority[..<(authority.lastIndex(of: ":") ?? authority.endIndex)]
    guard isLoopbackName(host.lowercased()) else {
      throw InvocationFault(
        .forbidden, "The Host '\(authority.prefix(100))' is not this machine: ask 127.0.0.1, [::1] or localhost.")
    }
  }
}
