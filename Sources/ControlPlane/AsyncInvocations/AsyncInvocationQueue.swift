import ArtifactStore
import HostKit
import Logging
import Persistence
import Resources
import Serving

/// Does what was accepted, oldest first, as many of an endpoint at a time as its configuration allows.
///
/// An invocation is forgotten when its answer, or why there is none, lies in its bucket: one that was under way when the
/// daemon died is done again.
actor AsyncInvocationQueue {
  private static let usualRequestsPerInstance = 4
  /// Bytes of inputs that are held at a time, all endpoints together, and of the longest one.
  private static let (mostBytes, largestInput) = (256 << 20, 64 << 20)
  private static let largestAnswer = 64 << 20

  private let engine: EndpointEngine
  private let router: InvocationRouter
  private let store: Store
  private let buckets: BucketStore
  private let remote: RemoteBuckets
  private let threads: BlockingThreads
  private let remoteThreads: BlockingThreads
  private let workQueue: WorkQueue
  private let logger: Logger
  /// Invocations under way, by endpoint.
  private var underWay: [String: Set<Int64>] = [:]
  /// Looks into the store that are under way, and what has ended since the first of them began: they may still find it.
  private var looks = 0
  private var endedMeanwhile: Set<Int64> = []
  private var bytesHeld = 0
  /// Endpoints whose next invocation found no room.
  private var cramped: Set<String> = []

  init(_ parts: DaemonParts, engine: EndpointEngine, router: InvocationRouter) {
    self.engine = engine
    self.router = router
    store = parts.store
    buckets = parts.buckets
    remote = parts.remoteBuckets
    threads = parts.objectThreads
    remoteThreads = parts.remoteThreads
    workQueue = parts.workQueue
    logger = parts.logger
  }

  /// Goes on where an earlier daemon ended.
  nonisolated func resume() {
    workQueue.add { [self] in
      do {
        for endpoint in try await store.endpointsWithAsyncInvocations() { await advance(endpoint) }
      } catch { logger.error("cannot take up asynchronous invocations", metadata: ["error": "\(error)"]) }
    }
  }

  /// There is something to do for an endpoint.
  nonisolated func wake(_ endpoint: String) { workQueue.add { [self] in await advance(endpoint) } }

  private func advance(_ name: String) async {
    guard let endpoint = await engine.endpoint(named: name), let deployment = endpoint.shown else { return }
    let instances = deployment.variants.reduce(0) { $0 + $1.config.instanceCount }
    // An endpoint that was updated to answer at once only still owes what it has accepted.
    let each = deployment.asyncInference?.requestsPerInstance ?? Self.usualRequestsPerInstance
    let window = max(1, instances * each)
    guard underWay[name, default: []].count < window else { return }
    looks += 1
    defer {
      looks -= 1
      if looks == 0 { endedMeanwhile = [] }
    }
    let oldest: [AsyncInvocation]
    do { oldest = try await store.asyncInvocations(ofEndpoint: endpoint.id, limit: window) } catch {
      return logger.error("cannot read invocations", metadata: ["endpoint": "\(name)", "error": "\(error)"])
    }
    for invocation in oldest where underWay[name, default: []].count < window {
      guard !endedMeanwhile.contains(invocation.id) else { continue }
      guard underWay[name, default: []].insert(invocation.id).inserted else { continue }
      workQueue.add { [self] in await perform(invocation) }
    }
  }

  private func perform(_ invocation: AsyncInvocation) async {
    let end = await attempt(invocation)
    underWay[invocation.endpoint]?.remove(invocation.id)
    if underWay[invocation.endpoint]?.isEmpty == true { underWay[invocation.endpoint] = nil }
    // Whatever became of it, what it held is free; but one that found no room itself waits for another's end.
    guard end != .cramped else { return }
    if end == .done, looks > 0 { endedMeanwhile.insert(invocation.id) }
    for name in cramped.union(end == .done ? [invocation.endpoint] : []) { wake(name) }
    cramped = []
  }

  private enum Attempt {
    case done
    /// There was no room for its input: it is tried again when another has ended.
    case cramped
    /// The daemon ends, and the next one goes on; or the endpoint is gone.
    case left
  }

  private func attempt(_ invocation: AsyncInvocation) async -> Attempt {
    do {
      let size = try await size(of: invocation.input)
      guard bytesHeld == 0 || bytesHeld + size <= Self.mostBytes else {
        cramped.insert(invocation.endpoint)
        return .cramped
      }
      bytesHeld += size
      defer { bytesHeld -= size }
      guard let outcome = try await outcome(of: invocation, size: size) else { return .left }
      return await record(outcome, of: invocation) ? .done : .left
    } catch {
      let outcome = Outcome.failed("The input \(invocation.input) cannot be read: \(error)")
      return await record(outcome, of: invocation) ? .done : .left
    }
  }

  private enum Outcome {
    case answered(contentType: String?, body: [UInt8])
    case failed(String)
  }

  /// nil: the daemon ends, or the endpoint is gone.
  private func outcome(of invocation: AsyncInvocation, size: Int) async throws -> Outcome? {
    guard size <= Self.largestInput else {
      return .failed("The input \(invocation.input) has \(size) bytes; htr takes up to \(Self.largestInput).")
    }
    var body: [UInt8]?
    while await engine.endpoint(named: invocation.endpoint) != nil {
      guard Timestamp.now() < invocation.expiresAt else {
        return .failed("The request has waited longer than its RequestTTLSeconds allow.")
      }
      if body == nil { body = try await read(invocation.input) }
      guard let bytes = body else { return .failed("There is no object \(invocation.input).") }
      let answer = await router.invoke(
        OwnInvocation(
          endpoint: invocation.endpoint, contentType: invocation.contentType, accept: invocation.accept,
          customAttributes: invocation.customAttributes, body: bytes, timeoutSeconds: invocation.timeoutSeconds,
          largestAnswer: Self.largestAnswer))
      switch answer {
      case .answered(let contentType, let body): return .answered(contentType: contentType, body: body)
      case .abandoned: return nil
      case .tooLarge(let limit): return .failed("The answer has more than \(limit) bytes.")
      case .failed(let status, let message):
        // What is no fault of the request's: nobody there to take it yet (as when the daemon has just started), or too
        // many before it.
        let isUnrouted = status == 400 && !router.routes(invocation.endpoint)
        guard isUnrouted || status == 429 || status == 503 else { return .failed(message) }
        do { try await Task.sleep(for: .seconds(1)) } catch { return nil }
      }
    }
    return nil
  }

  private func size(of uri: String) async throws -> Int {
    guard let address = ObjectAddress(uri) else { return 0 }
    if remote.holds(address) { try await remoteThreads.run { [remote] in try remote.bring(address) } }
    return try await threads.run { [buckets] in
      Int(try buckets.object(at: address)?.size ?? 0)
    }
  }

  private func read(_ uri: String) async throws -> [UInt8]? {
    guard let address = ObjectAddress(uri) else { return nil }
    return try await threads.run { [buckets] in
      guard let object = try buckets.open(address) else { return nil }
      // It may have been replaced since it was looked at.
      guard object.object.size <= Self.largestInput else {
        throw StoreError(.unreadableInput, "\(uri) has grown beyond \(Self.largestInput) bytes")
      }
      return try object.bytes()
    }
  }

  /// Writes what became of it and forgets it, however long the disk makes trouble. False when the daemon ends first.
  private func record(_ outcome: Outcome, of invocation: AsyncInvocation) async -> Bool {
    while true {
      do {
        switch outcome {
        case .answered(let contentType, let body): try await put(body, contentType, at: invocation.output)
        case .failed(let reason): try await put(Array(reason.utf8), "text/plain", at: invocation.failure)
        }
        Failpoint.afterAsyncOutput.hit()
        try await store.deleteAsyncInvocation(invocation.id)
        return true
      } catch {
        logger.error(
          "cannot record an asynchronous invocation; trying again",
          metadata: ["endpoint": "\(invocation.endpoint)", "error": "\(error)"])
        do { try await Task.sleep(for: .seconds(1)) } catch { return false }
      }
    }
  }

  private func put(_ body: [UInt8], _ contentType: String?, at uri: String) async throws {
    guard let address = ObjectAddress(uri) else { return }
    try await threads.run { [buckets] in
      let output = try OutputObject(at: address, in: buckets, endsLines: false)
      try output.append(ModelAnswer(contentType: contentType, body: body))
      try output.publish(in: buckets)
    }
    guard remote.holds(address) else { return }
    do {
      try await remoteThreads.run { [remote] in try remote.send(address) }
    } catch let error as ArtifactStore.StoreError where error.isClientFault {
      logger.error(
        "an S3 elsewhere refuses an answer, which stays in this machine's bucket store",
        metadata: ["output": "\(uri)", "error": "\(error)"])
    }
  }
}
