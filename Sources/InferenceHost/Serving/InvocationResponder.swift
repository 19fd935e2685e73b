import HTTPTypes
import Handwriting
import Hummingbird
import ImageKit
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
struct InvocationResponder: HTTPResponder {
  typealias Context = ConnectionContext

  /// Seconds within which a body must have arrived; then the connection is closed.
  static let bodySeconds: Int64 = 30

  let settings: InferenceSettings
  let batcher: ReadingBatcher
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

  /// Healthy is a reader that has read its self-test, and has not failed since without reading it again.
  private func ping() async -> Response {
    guard batcher.phase == .serving else { return Response(status: .serviceUnavailable) }
    if !batcher.isWell {
      let ticket = batcher.open()
      defer { batcher.close(ticket) }
      do {
        _ = try await batcher.read([SelfTest.image], options: .init(), ticket: ticket)
      } catch {
        logger.warning("unhealthy", metadata: ["reason": "\(error.message)"])
        return Response(status: .serviceUnavailable)
      }
    }
    return Response(status: .ok)
  }

  private func invoke(_ request: Request, over channel: any Channel) async throws -> Response {
    switch batcher.phase {
    case .loading: throw InvocationFault.loading
    case .draining: throw InvocationFault.draining
    case .serving: break
    }
    let format = try AnswerFormat(accept: request.headers[.accept])
    let ticket = batcher.open()
    defer { batcher.close(ticket) }
    disconnections.watch(channel) { [batcher] in batcher.abandon(ticket, because: .disconnected) }
    defer { disconnections.unwatch(channel) }
    let (invocation, share) = try await invocation(of: request, over: channel)
    defer { withExtendedLifetime(share) {} }
    // The event loop's own timers: a cancelled one is gone, while a cancelled Task.sleep keeps its memory to the end of
    // its time, and this is done for every request.
    let limit = settings.deadline
    let deadline = channel.eventLoop.scheduleTask(in: TimeAmount(limit)) { [batcher] in
      batcher.abandon(ticket, because: .overdue(limit))
    }
    defer { deadline.cancel() }
    let report = try await batcher.read(invocation.words, options: invocation.options, ticket: ticket)
    return Answer.readings(report, options: invocation.options, format: format)
  }

  /// The words of a request, and the memory they take.
  private func invocation(
    of request: Request, over channel: any Channel
  ) async throws -> (Invocation, MemoryBudget.Share) {
    let limits = settings.limits
    let length = request.headers[.contentLength].flatMap(Int.init)
    if let length, length > limits.bodyBytes { throw InvocationFault.bodyTooLarge(limits) }
    let share = try budget.share(length ?? limits.bodyBytes)
    defer { withExtendedLifetime(share) {} }
    let body = try await collect(request, from: channel)
    let contentType = request.headers[.contentType]
    let invocation = try await workbenches.run { () throws(InvocationFault) in
      try Invocation(body: body, contentType: contentType, limits: limits)
    }
    return (invocation, try budget.share(invocation.words.reduce(0) { $0 + $1.pixels.count }))
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
