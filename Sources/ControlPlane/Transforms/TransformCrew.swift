import HostKit
import Resources
import Serving
import Synchronization
import Wire

/// The workers of one transform job, and who of the job's requests is at which.
final class TransformCrew: Sendable {
  /// The right to send one request to a worker; given back by `leave`.
  struct Seat: Sendable {
    let worker: ReadyWorker
    fileprivate let place: WorkerPlace
  }

  fileprivate struct Member {
    let keeper: WorkerKeeper
    var report: WorkerReport
    var inHand = 0
  }

  fileprivate struct Waiter {
    let id: Int
    let avoided: String?
    let continuation: CheckedContinuation<Seat?, Never>
  }

  fileprivate struct State {
    var members: [WorkerPlace: Member] = [:]
    var waiting: [Waiter] = []
    var nextID = 0
    var failure: String?
  }

  let requestsPerWorker: Int
  private let job: TransformJob
  private let request: CreateTransformJobRequest
  private let context: WorkerContext
  private let state = Mutex(State())

  init(_ job: TransformJob, _ request: CreateTransformJobRequest, requestsPerWorker: Int, _ context: WorkerContext) {
    self.job = job
    self.request = request
    self.requestsPerWorker = requestsPerWorker
    self.context = context
  }

  static func place(_ index: Int, of job: String) -> WorkerPlace {
    WorkerPlace(owner: .transformJob, endpoint: job, deployment: 1, variant: "transform", index: index)
  }

  var reports: [WorkerReport] {
    state.withLock { $0.members.values.map(\.report) }.sorted { $0.place.index < $1.place.index }
  }

  /// Why no worker will ever be ready; nil as long as one may.
  var failure: String? { state.withLock { $0.failure } }

  // MARK: Workers

  /// Keeps so many workers running until they are retired. Returns early, with the workers running, when the task is
  /// cancelled: the daemon ends, and the next one goes on with them.
  func run(workers count: Int) async {
    let variant = variant(count)
    let keepers = (1...max(1, count)).map { index in
      WorkerKeeper(Self.place(index, of: job.name), of: variant, context) { [weak self] in self?.take($0) }
    }
    state.withLock { state in
      for keeper in keepers { state.members[keeper.place] = Member(keeper: keeper, report: WorkerReport(keeper.place)) }
    }
    await withDiscardingTaskGroup { group in
      for keeper in keepers { group.addTask { await keeper.run() } }
    }
  }

  /// Ends all workers; then `run` returns.
  /// - Parameter graceSeconds: between TERM and KILL; nil: as the daemon's settings say.
  func retire(graceSeconds: Double?) {
    for member in state.withLock({ $0.members.values.map { $0 } }) { member.keeper.retire(graceSeconds: graceSeconds) }
  }

  private func variant(_ count: Int) -> Deployment.Variant {
    let added = [
      "SAGEMAKER_BATCH": "true", "SAGEMAKER_MAX_PAYLOAD_IN_MB": "\(request.largestPayload >> 20)",
      "SAGEMAKER_BATCH_STRATEGY": request.sendsManyRecords ? "MULTI_RECORD" : "SINGLE_RECORD",
      "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": "\(requestsPerWorker)",
    ]
    let containers = job.containers.map { container in
      var container = container
      container.environment.merge(added) { _, new in new }
      container.environment.merge(request.environment) { _, new in new }
      return container
    }
    return Deployment.Variant(
      config: EndpointConfig.Variant(
        name: "transform", modelName: request.modelName, instanceType: request.instanceType, instanceCount: count,
        weight: 1, startupSeconds: 600),
      containers: containers)
  }

  private func take(_ report: WorkerReport) {
    let calls = state.withLock { state -> [(Waiter, Seat?)] in
      state.members[report.place]?.report = report
      let members = state.members.values
      if members.allSatisfy({ $0.report.ready == nil }), let hopeless = members.first(where: \.report.isHopeless) {
        state.failure = Self.reason(hopeless.report, job.name)
      }
      return state.calls(perWorker: requestsPerWorker)
    }
    for (waiter, seat) in calls { waiter.continuation.resume(returning: seat) }
  }

  private static func reason(_ report: WorkerReport, _ job: String) -> String {
    let end = report.lastEnd ?? ""
    if report.isRefused { return "ClientError: The model cannot be served: \(end)" }
    let health =
      report.readySeconds == nil
      ? "The primary container did not pass the ping health check." : "The workers end again and again."
    return "AlgorithmError: \(health) \(end) See `htrctl logs transform \(job)`."
  }

  // MARK: Seats

  /// A seat at the worker with the fewest requests in hand, as soon as there is one; nil when there will be none, or when
  /// the task is cancelled.
  /// - Parameter avoided: the token of a worker that failed the request before: taken only when there is no other.
  func seat(avoiding avoided: String?) async -> Seat? {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let calls = state.withLock { state -> [(Waiter, Seat?)] in
          let waiter = Waiter(id: id, avoided: avoided, continuation: continuation)
          if Task.isCancelled { return [(waiter, nil)] }
          state.waiting.append(waiter)
          return state.calls(perWorker: requestsPerWorker)
        }
        for (waiter, seat) in calls { waiter.continuation.resume(returning: seat) }
      }
    } onCancel: {
      let waiter = state.withLock { state -> Waiter? in
        let index = state.waiting.firstIndex { $0.id == id }
        return index.map { state.waiting.remove(at: $0) }
      }
      waiter?.continuation.resume(returning: nil)
    }
  }

  func leave(_ seat: Seat) {
    let calls = state.withLock { state -> [(Waiter, Seat?)] in
      state.members[seat.place]?.inHand -= 1
      return state.calls(perWorker: requestsPerWorker)
    }
    for (waiter, seat) in calls { waiter.continuation.resume(returning: seat) }
  }

  /// How the last worker of the seat's place that is known to have ended did so, in words for people.
  func lastEnd(at seat: Seat) -> String? { state.withLock { $0.members[seat.place]?.report.lastEnd } }

  /// The worker did not answer within its time: it is ended and followed by another.
  func heardOfTimeout(at seat: Seat) {
    let member = state.withLock { $0.members[seat.place] }
    if member?.report.token == seat.worker.token { member?.keeper.heardOfTimeout() }
  }
}

extension TransformCrew.State {
  /// Those whose waiting is over, in the order of their coming.
  fileprivate mutating func calls(perWorker: Int) -> [(TransformCrew.Waiter, TransformCrew.Seat?)] {
    if failure != nil {
      defer { waiting = [] }
      return waiting.map { ($0, nil) }
    }
    var calls: [(TransformCrew.Waiter, TransformCrew.Seat?)] = []
    while let waiter = waiting.first, let seat = freeSeat(avoiding: waiter.avoided, perWorker: perWorker) {
      waiting.removeFirst()
      calls.append((waiter, seat))
    }
    return calls
  }

  private mutating func freeSeat(avoiding avoided: String?, perWorker: Int) -> TransformCrew.Seat? {
    let free = members.filter { $0.value.report.ready != nil && $0.value.inHand < perWorker }
    func rank(_ member: TransformCrew.Member) -> (Int, Int, Int) {
      (member.report.ready?.token == avoided ? 1 : 0, member.inHand, member.report.place.index)
    }
    guard let (place, member) = free.min(by: { rank($0.value) < rank($1.value) }), let worker = member.report.ready
    else { return nil }
    members[place]?.inHand += 1
    return TransformCrew.Seat(worker: worker, place: place)
  }
}
