import ArtifactStore
import HostKit
import Persistence
import Resources
public import Wire

/// InvokeEndpointAsync: what is accepted is on the disk, and is done even if the daemon dies.
public struct AsyncInvocationService: Sendable {
  /// Invocations of one endpoint that may wait.
  private static let mostWaiting = 100_000

  let queue: AsyncInvocationQueue
  private let engine: EndpointEngine
  private let store: Store
  private let buckets: BucketStore
  private let remote: RemoteBuckets
  private let threads: BlockingThreads
  private let remoteThreads: BlockingThreads
  private let account: String
  /// The largest body that may come with a request, in bytes.
  public let largestBody: Int

  init(_ parts: DaemonParts, engine: EndpointEngine, queue: AsyncInvocationQueue) {
    self.engine = engine
    self.queue = queue
    store = parts.store
    buckets = parts.buckets
    remote = parts.remoteBuckets
    threads = parts.objectThreads
    remoteThreads = parts.remoteThreads
    account = parts.account
    largestBody = Int(parts.settings.invocationMiB << 20)
  }

  /// - Parameter body: the request's own; empty when it names an object.
  public func invoke(
    _ request: InvokeEndpointAsyncRequest, body: [UInt8]
  ) async throws(ServiceError) -> InvokeEndpointAsyncAnswer {
    let (endpoint, settings) = try await asyncEndpoint(request.endpoint)
    let id = Identifier.uuid()
    let output = try place(request.fileName ?? "\(id).out", below: settings.outputPath, request.pathExtension)
    let failure = try place("\(id)-error.out", below: settings.failurePath, request.pathExtension)
    let input = try await input(of: request, body: body, id: id, settings)
    let now = Timestamp.now()
    let invocation = AsyncInvocation(
      id: store.nextID(at: now), endpointID: endpoint.id, endpoint: endpoint.name,
      inferenceID: request.inferenceID ?? id, input: input.uri, output: output.uri, failure: failure.uri,
      contentType: request.contentType, accept: request.accept, customAttributes: request.customAttributes,
      expiresAt: Timestamp(milliseconds: now.milliseconds + Int64(request.ttlSeconds * 1000)),
      timeoutSeconds: request.timeoutSeconds)
    let isKept: Bool
    do { isKept = try await store.insert(invocation, most: Self.mostWaiting) } catch { throw ServiceError(error) }
    guard isKept else {
      throw ServiceError(
        .throttling,
        "\(Self.mostWaiting) invocations of endpoint \(endpoint.name) wait already, or it is being deleted.")
    }
    queue.wake(endpoint.name)
    return InvokeEndpointAsyncAnswer(
      inferenceID: invocation.inferenceID, output: invocation.output, failure: invocation.failure)
  }

  private func asyncEndpoint(_ name: String) async throws(ServiceError) -> (Endpoint, AsyncInference) {
    guard let endpoint = await engine.endpoint(named: name), let deployed = endpoint.deployed,
      endpoint.status != .deleting
    else {
      throw ServiceError(.validationError, "Endpoint \(name.prefix(100)) of account \(account) not found.")
    }
    guard let settings = deployed.asyncInference else {
      throw ServiceError(
        .validationError,
        "Endpoint \(name) takes no asynchronous invocations: its configuration \(deployed.configName) has no AsyncInferenceConfig."
      )
    }
    return (endpoint, settings)
  }

  private func place(
    _ name: String, below path: String, _ pathExtension: String?
  ) throws(ServiceError) -> ObjectAddress {
    guard let base = ObjectAddress(outputPath: path) else {
      throw ServiceError(.validationError, "'\(path)' is no s3://BUCKET/PREFIX of htr's own bucket store.")
    }
    let folder = pathExtension.map { $0.hasSuffix("/") ? $0 : $0 + "/" } ?? ""
    return ObjectAddress(bucket: base.bucket, key: base.key + folder + name)
  }

  /// The object with the body: the one that the request names, or one that is made of the body it brought.
  private func input(
    of request: InvokeEndpointAsyncRequest, body: [UInt8], id: String, _ settings: AsyncInference
  ) async throws(ServiceError) -> ObjectAddress {
    if let uri = request.input {
      guard let address = ObjectAddress(uri), !address.key.isEmpty else {
        throw ServiceError(
          .validationError, "InputLocation '\(uri.prefix(200))' is no s3://BUCKET/KEY of htr's own bucket store.")
      }
      return address
    }
    guard !body.isEmpty else {
      throw ServiceError(.validationError, "The request has neither an InputLocation nor a body.")
    }
    let address = try place("\(id).in", below: settings.outputPath, request.pathExtension)
    do {
      try await threads.run { [buckets] in
        try buckets.createBucket(address.bucket)
        try buckets.put(body, at: address)
      }
      if remote.holds(address) { try await remoteThreads.run { [remote] in try remote.send(address) } }
    } catch { throw ServiceError(.internalFailure, "The request's body cannot be kept: \(error)") }
    return address
  }
}
