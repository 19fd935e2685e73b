import HostKit
import NIOCore

/// One request on its way: to the line, to a worker (or one after the other), and its answer back to the client.
///
/// It lives on its client's event loop and so do the connections that it uses.
final class Invocation {
  static let mostTries = 3
  /// Workers that break off one after the other are being ended together: the last try comes after that.
  static let pauseBeforeLastTry = TimeAmount.milliseconds(200)
  /// How much of an answer is held back, so that it can be asked for again when the worker breaks off.
  static let heldBack = 1 << 20

  enum State {
    case waiting(ticket: UInt64)
    case connecting(RoutingTable<NIOLoopBound<Invocation>>.Grant)
    case atWorker(RoutingTable<NIOLoopBound<Invocation>>.Grant, WorkerConnection)
    case ended
  }

  let request: InvocationRequest
  unowned let client: any InvocationClient
  let router: InvocationRouter
  let connections: WorkerConnections
  var state = State.ended
  var watch: Stopwatch
  private(set) var tally = VariantTally.Entry()
  var place: Place?
  var answer = AnswerInHand()
  private var tries = 0
  private var hasUsedFreePass = false
  private var stage = 0
  private var stageBody: HeldBody
  private var stageContentType: ByteBufferView?
  private var waitingEnds = NIODeadline.distantFuture

  init(
    _ request: InvocationRequest, of client: any InvocationClient, router: InvocationRouter,
    connections: WorkerConnections
  ) {
    self.request = request
    self.client = client
    self.router = router
    self.connections = connections
    stageBody = request.body
    watch = Stopwatch(arrived: request.arrived)
    tally.bytesIn = request.body.count
  }

  func start() { ask(isAgain: false, avoiding: nil, formerDesk: nil) }

  /// The client has gone: whatever is done for it ends.
  func clientLeft() {
    switch state {
    case .ended: return
    case .waiting(let ticket): router.leave(ticket, endpoint: request.endpoint)
    case .connecting(let grant): router.release(grant.seat)
    case .atWorker(let grant, let connection):
      connection.abandon()
      router.release(grant.seat)
    }
    close(error: .disconnected)
  }

  /// Closes the books.
  func close(error: VariantFigures.ErrorKind?) {
    state = .ended
    tally.error = error
    tally.totalSeconds = (NIODeadline.now() - request.arrived).seconds
    if watch.wasTaken {
      tally.queueSeconds = watch.queue.seconds
      tally.computeSeconds = watch.compute.seconds
    }
    tally.bytesOut = answer.bytesOut
    place?.tally.add(tally)
  }

  func fail(_ failure: Failure) {
    close(error: failure.kind)
    client.answer(failure, to: request.id, variant: place?.variant)
  }
}

// MARK: Finding a worker

extension Invocation {
  private func ask(isAgain: Bool, avoiding seat: Int?, formerDesk: Int?) {
    let ticket = router.newTicket()
    watch.waits()
    state = .waiting(ticket: ticket)
    let ruling = router.ask(
      .init(
        endpoint: request.endpoint, target: request.target, fraction: client.random.uniform(), ticket: ticket,
        isAgain: isAgain, formerDesk: formerDesk, avoidedSeat: seat),
      for: self)
    switch ruling {
    case .granted(let grant): take(grant)
    case .refused(let refusal): refuse(refusal)
    case .inLine:
      if waitingEnds == .distantFuture || !isAgain {
        waitingEnds = .now() + .nanoseconds(Int64(router.settings.lineSeconds * 1e9))
      }
      client.wakeUp(at: waitingEnds)
    }
  }

  /// The waiting in line is over.
  func called(_ outcome: RoutingTable<NIOLoopBound<Invocation>>.Outcome) {
    guard case .waiting = state else {
      // The client left while the call was on its way.
      if case .granted(let grant) = outcome { router.release(grant.seat) }
      return
    }
    client.keepAwake()
    switch outcome {
    case .granted(let grant): take(grant)
    case .refused(.variantGone): ask(isAgain: true, avoiding: nil, formerDesk: nil)
    case .refused(let refusal): refuse(refusal)
    }
  }

  /// It has waited as long as requests may.
  func waitedTooLong() {
    guard case .waiting(let ticket) = state, router.leave(ticket, endpoint: request.endpoint) else { return }
    place = place ?? router.place(ofEndpoint: request.endpoint, target: request.target)
    fail(.notReady(request.endpoint, variant: place?.variant ?? request.target ?? ""))
  }

  private func refuse(_ refusal: RoutingTable<NIOLoopBound<Invocation>>.Refusal) {
    place = place ?? router.place(ofEndpoint: request.endpoint, target: request.target)
    switch refusal {
    case .unknownEndpoint, .variantGone:
      fail(.unknownEndpoint(request.endpoint, account: router.settings.account))
    case .unknownVariant: fail(.unknownVariant(request.target ?? "", endpoint: request.endpoint))
    case .noWeight: fail(.noWeight(request.endpoint))
    case .lineFull: fail(.lineFull(router.settings.longestLine))
    }
  }

  private func take(_ grant: RoutingTable<NIOLoopBound<Invocation>>.Grant) {
    watch.isTaken()
    place = grant.place
    stage = 0
    stageBody = request.body
    stageContentType = nil
    connect(grant, fresh: false)
  }
}

// MARK: At a worker

extension Invocation {
  private func connect(_ grant: RoutingTable<NIOLoopBound<Invocation>>.Grant, fresh: Bool) {
    guard stage < grant.worker.stages.count else {
      router.release(grant.seat)
      return fail(.ofWorker("The endpoint's route names a worker without an address.", at: grant.place))
    }
    let socket = grant.worker.stages[stage]
    if !fresh, let connection = connections.take(socket) { return send(grant, over: connection) }
    state = .connecting(grant)
    connections.connect(to: socket) { [self] result in
      guard case .connecting(let current) = state, current.seat == grant.seat else {
        // The client left meanwhile; the connection can serve somebody else.
        if case .success(let connection) = result { connections.park(connection) }
        return
      }
      switch result {
      case .success(let connection): send(grant, over: connection)
      case .failure(let error): couldNotConnect(grant, error)
      }
    }
  }

  private func send(_ grant: RoutingTable<NIOLoopBound<Invocation>>.Grant, over connection: WorkerConnection) {
    let last = grant.worker.stages.count - 1
    answer = AnswerInHand()
    state = .atWorker(grant, connection)
    let forwarded = request.forwarded(
      body: stageBody, contentType: stageContentType, isFirst: stage == 0, isLast: stage == last)
    watch.isSent()
    connection.send(forwarded, to: self, within: seconds(grant))
  }

  /// How long a worker may take for it.
  private func seconds(_ grant: RoutingTable<NIOLoopBound<Invocation>>.Grant) -> Double {
    request.timeoutSeconds ?? grant.timeoutSeconds
  }

  /// Nothing was sent, so this is no try. The worker gets a pause, and the request goes back to the head of the line.
  private func couldNotConnect(_ grant: RoutingTable<NIOLoopBound<Invocation>>.Grant, _ error: any Error) {
    router.report(grant.worker.token, .disconnected("no connection to \(grant.worker.stages[stage]): \(error)"))
    router.bench(grant.seat, on: client.loop)
    router.release(grant.seat)
    guard waitingEnds == .distantFuture || waitingEnds > .now() else {
      return fail(.notReady(request.endpoint, variant: grant.place.variant))
    }
    if waitingEnds == .distantFuture {
      waitingEnds = .now() + .nanoseconds(Int64(router.settings.lineSeconds * 1e9))
    }
    ask(isAgain: true, avoiding: grant.seat, formerDesk: grant.desk)
  }

  private func tryAgain(_ grant: RoutingTable<NIOLoopBound<Invocation>>.Grant, because reason: String) {
    router.report(grant.worker.token, .disconnected(reason))
    router.release(grant.seat)
    tries += 1
    guard tries < Self.mostTries else {
      return fail(
        .ofWorker("\(tries) instances broke off while they had this request: \(reason).", at: grant.place))
    }
    tally.retries += 1
    // Waiting begins anew: the time at the worker was none of it.
    waitingEnds = .now() + .nanoseconds(Int64(router.settings.lineSeconds * 1e9))
    guard tries == Self.mostTries - 1 else { return ask(isAgain: true, avoiding: grant.seat, formerDesk: grant.desk) }
    let pause = router.newTicket()
    state = .waiting(ticket: pause)
    client.loop.assumeIsolated().scheduleTask(in: Self.pauseBeforeLastTry) { [self] in
      // The client may have left meanwhile.
      guard case .waiting(let ticket) = state, ticket == pause else { return }
      ask(isAgain: true, avoiding: grant.seat, formerDesk: grant.desk)
    }
  }
}

// MARK: What the worker answers

extension Invocation: AnswerListener {
  func answerBegan(_ head: WorkerHead) {
    guard case .atWorker(let grant, _) = state else { return }
    watch.isAnswered()
    let isLast = stage == grant.worker.stages.count - 1
    answer.begin(
      head, isForClient: isLast, isImmediate: isLast && request.isStreamed, largestBody: router.settings.largestBody)
  }

  func answerContinued(_ piece: ByteBuffer) {
    guard case .atWorker(let grant, let connection) = state else { return }
    switch answer.take(piece) {
    case .hold: return
    case .stream:
      if !answer.isStreaming { client.beginAnswer(of: self) }
      client.continueAnswer(with: piece, of: self)
    case .tooLarge:
      connection.abandon()
      router.release(grant.seat)
      fail(
        .ofWorker(
          "The answer of stage \(stage + 1) is larger than \(router.settings.largestBody) bytes and cannot be the next one's request.",
          at: grant.place))
    }
  }

  func answerPaused() {
    guard case .atWorker(_, let connection) = state, answer.isStreaming else { return }
    if !client.flushAndCanTakeMore() { connection.pause() }
  }

  func clientCanTakeMore() {
    if case .atWorker(_, let connection) = state { connection.resume() }
  }

  func answerEnded() {
    guard case .atWorker(let grant, _) = state else { return }
    if answer.isSuccess, stage < grant.worker.stages.count - 1 {
      stageBody = answer.body
      stageContentType = answer.contentType
      stage += 1
      return connect(grant, fresh: false)
    }
    router.release(grant.seat)
    guard answer.isSuccess else {
      return fail(.ofModel(status: answer.status, body: answer.body, at: grant.place))
    }
    close(error: nil)
    if request.isStreamed, !answer.isStreaming { client.beginAnswer(of: self) }
    if answer.isStreaming { client.endStreamedAnswer(of: self) } else { client.sendWholeAnswer(of: self) }
  }

  func answerBroke(_ fault: WorkerFault) {
    guard case .atWorker(let grant, _) = state else { return }
    if answer.isStreaming {
      router.report(grant.worker.token, fault.kind == .timedOut ? .timedOut : .disconnected(fault.reason))
      router.release(grant.seat)
      close(error: fault.kind == .timedOut ? .timedOut : .modelServer)
      return client.breakAnswer(of: self, because: fault)
    }
    switch fault.kind {
    case .broken where fault.wasReused && !fault.hadBytes && !hasUsedFreePass:
      // It was dead, or died of the request: only a fresh connection can tell.
      hasUsedFreePass = true
      connections.closeIdle(grant.worker.stages[stage])
      connect(grant, fresh: true)
    case .broken: tryAgain(grant, because: fault.reason)
    case .malformed:
      router.report(grant.worker.token, .disconnected(fault.reason))
      router.release(grant.seat)
      fail(.ofWorker("The instance was asked, but \(fault.reason).", at: grant.place))
    case .timedOut:
      router.report(grant.worker.token, .timedOut)
      router.release(grant.seat)
      fail(
        .ofWorker(
          "Your invocation timed out while waiting for a response: the instance had \(seconds(grant)) s.",
          at: grant.place, kind: .timedOut))
    }
  }
}
