import ArchiveKit
import ArtifactStore
import HostKit
import Persistence
import Resources
import Serving
import Wire

/// Takes one input through the model: its records to the workers, their answers in the records' order to the output.
struct ObjectTransform: Sendable {
  /// Bytes of the longest answer to one request: answers are held until it is their turn.
  private static let largestAnswer = 64 << 20

  private let job: TransformJob
  private let request: CreateTransformJobRequest
  private let crew: TransformCrew
  private let window: Int
  private let context: TransformContext

  /// - Parameter window: requests of one object that may be under way at a time.
  init(
    _ job: TransformJob, _ request: CreateTransformJobRequest, crew: TransformCrew, window: Int,
    _ context: TransformContext
  ) {
    self.job = job
    self.request = request
    self.crew = crew
    self.window = window
    self.context = context
  }

  /// Does the work and ticks the input off. Throws only what ends the whole job.
  func run(_ input: TransformInput) async throws {
    let outcome: Store.TransformOutcome
    do {
      try await transform(input)
      outcome = .done
    } catch let fault as ObjectFault {
      outcome = .failed(reason: Self.reason(fault, input))
    }
    Failpoint.afterTransformOutput.hit()
    try await context.insist(on: "record a transformed object") { [context, job] in
      try await context.store.tickOff(input.number, ofTransformJob: job.id, as: outcome)
    }
  }

  /// Whose fault it was comes first, then the object.
  private static func reason(_ fault: ObjectFault, _ input: TransformInput) -> String {
    let parts = fault.description.split(separator: ": ", maxSplits: 1).map(String.init)
    return "\(parts[0]): s3://\(input.bucket)/\(input.key): \(parts.last ?? "")"
  }

  private func transform(_ input: TransformInput) async throws {
    let reader = try await open(input)
    let address = try address(of: input)
    let output = try await onDisk { [context, request] in
      try OutputObject(at: address, in: context.buckets, endsLines: request.assemblesLines)
    }
    try await answers(to: reader, into: output)
    try await onDisk { [context] in try output.publish(in: context.buckets) }
    guard context.remote.holds(address) else { return }
    try await onDisk(on: context.remoteThreads) { [context] in try context.remote.send(address) }
  }

  private func address(of input: TransformInput) throws -> ObjectAddress {
    guard let base = ObjectAddress(outputPath: request.outputPath) else {
      throw TransformFault.ofClient("'\(request.outputPath)' is no s3://BUCKET/PREFIX of htr's own bucket store.")
    }
    return ObjectAddress(bucket: base.bucket, key: base.key + input.output)
  }

  private func open(_ input: TransformInput) async throws -> RecordReader {
    let unit: RecordReader.Unit = request.splitsLines ? request.sendsManyRecords ? .lines : .line : .object
    return try await onDisk { [context, request] in
      let address = ObjectAddress(bucket: input.bucket, key: input.key)
      guard let object = try context.buckets.open(address) else {
        throw ObjectFault(description: "ClientError: the object is gone; it was there when the job began.")
      }
      return try RecordReader(object, by: unit, limit: request.largestPayload, isGzipped: request.isGzipped)
    }
  }

  /// Runs a piece of work on a thread of its own; what the disk says against it is the object's fault.
  private func onDisk<Result: Sendable>(
    on threads: BlockingThreads? = nil, _ body: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    do { return try await (threads ?? context.threads).run(body) } catch let error as SystemError {
      throw ObjectFault(description: "InternalServerError: \(error)")
    } catch let error as ArchiveError {
      throw ObjectFault(description: "ClientError: it cannot be unpacked: \(error.reason)")
    } catch let error as ArtifactStore.StoreError {
      throw ObjectFault(description: "\(error.isClientFault ? "ClientError" : "InternalServerError"): \(error)")
    }
  }

  // MARK: Records

  /// Several requests side by side; answers wait until those before them are written.
  private func answers(to reader: RecordReader, into output: OutputObject) async throws {
    try await withThrowingTaskGroup(of: (Int, ModelAnswer).self) { group in
      var (asked, written) = (0, 0)
      var isAtEnd = false
      var held: [Int: ModelAnswer] = [:]
      while true {
        while !isAtEnd, asked - written < window {
          guard let body = try await onDisk({ try reader.next() }) else {
            isAtEnd = true
            break
          }
          let number = asked
          asked += 1
          group.addTask { (number, try await answer(to: body)) }
        }
        guard let (number, answer) = try await group.next() else { return }
        held[number] = answer
        while let next = held.removeValue(forKey: written) {
          try await onDisk { try output.append(next) }
          written += 1
        }
      }
    }
  }

  /// One request until it is answered well, or has failed as often as is allowed.
  private func answer(to body: [UInt8]) async throws -> ModelAnswer {
    var attempts = TransformAttempts(mostRetries: request.mostRetries)
    var avoided: String?
    while true {
      guard let seat = await crew.seat(avoiding: avoided) else {
        try Task.checkCancellation()
        throw TransformFault(description: crew.failure ?? "InternalServerError: The workers are gone.")
      }
      let answer = await context.workers.router.exchange(
        WorkerRequest(contentType: request.contentType, accept: request.accept, body: body), with: seat.worker,
        seconds: request.timeoutSeconds, largestAnswer: Self.largestAnswer)
      crew.leave(seat)
      try Task.checkCancellation()
      if case .timedOut = answer { crew.heardOfTimeout(at: seat) }
      switch attempts.note(answer, timeoutSeconds: request.timeoutSeconds) {
      case .answered(let answer): return answer
      case .failed(let reason):
        var words = ""
        if case .broken = answer { words = crew.lastEnd(at: seat).map { " \($0)" } ?? "" }
        throw ObjectFault(description: reason + words)
      case .again(let seconds):
        avoided = seat.worker.token
        try await Task.sleep(for: .seconds(seconds))
      }
    }
  }
}

extension ObjectAddress {
  /// What the keys of a job's outputs begin with; nil when the path is none of our bucket store's.
  init?(outputPath: String) {
    guard let path = ObjectAddress(outputPath) else { return nil }
    let isFolder = path.key.isEmpty || path.key.utf8.last == UInt8(ascii: "/")
    self.init(bucket: path.bucket, key: isFolder ? path.key : path.key + "/")
  }
}
