import NIOCore

/// What is let in, and what is refused before it comes to the router.
extension RequestSplitter {
  /// Looks at a head before its body is read.
  func admit(_ head: ClientHead) {
    guard let context else { return }
    if let failure = keeper.refusal(of: head, at: context.channel) { return refuse(failure) }
    switch EndpointCall.read(head) {
    case .failure(let refused): return refuse(refused.failure)
    case .success(let call): current?.call = call
    }
    if case .length(let count) = head.framing {
      guard count <= router.settings.largestBody else { return refuse(.tooLarge(limit: router.settings.largestBody)) }
      guard count <= router.budget.free else { return refuse(.memoryFull(router.budget.limit)) }
    }
    if head.expectsContinue, head.framing != .none, pending.readableBytes == 0 { writeContinue(context) }
  }

  func writeContinue(_ context: ChannelHandlerContext) {
    var buffer = context.channel.allocator.buffer(capacity: 32)
    buffer.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
    context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
  }

  /// Takes a piece of the body in hand.
  func take(_ piece: ByteBuffer) {
    let count = piece.readableBytes
    guard (current?.body.count ?? 0) + count <= router.settings.largestBody else {
      return refuse(.tooLarge(limit: router.settings.largestBody))
    }
    guard router.budget.take(count) else { return refuse(.memoryFull(router.budget.limit)) }
    current?.hold(piece)
  }

  /// Lets go of the request in hand and of what it holds.
  func dropCurrent() {
    if let count = current?.body.count, count > 0 { router.budget.give(count) }
    current = nil
  }

  /// Answers without asking the router. What is left of the body is read and dropped, for a client that is still
  /// sending does not look for an answer; one that waits to be asked for its body is let go.
  func refuse(_ failure: Failure) {
    guard let current, let context else { return }
    count(failure, of: current)
    let isWaiting = current.head.expectsContinue && !reader.isComplete
    let closes = current.closes || isWaiting
    var buffer = context.channel.allocator.buffer(capacity: 512)
    failure.write(to: &buffer, requestID: current.id, closes: closes)
    context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    dropCurrent()
    if closes { leave(lingering: true) } else { phase = reader.isComplete ? .head : .discarding }
  }

  /// Answers bytes after which nothing can be understood, and ends the connection.
  func refuseConnection(_ failure: Failure) {
    guard let context else { return }
    var buffer = context.channel.allocator.buffer(capacity: 512)
    failure.write(to: &buffer, requestID: current?.id ?? RequestID(&random), closes: true)
    context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    dropCurrent()
    leave(lingering: true)
  }

  /// Ends the connection once all is written.
  /// - Parameter lingering: the client may be sending still. Were its bytes met by a closed socket, it would lose the
  ///   answer; so its side is read, for a while.
  func leave(lingering: Bool) {
    guard let context else { return }
    phase = .leaving
    pending = ByteBuffer()
    alarm?.set(.now() + .seconds(times.stall))
    let written = context.eventLoop.makePromise(of: Void.self)
    written.futureResult.assumeIsolated().whenComplete { [weak self] _ in
      guard let self, let context = self.context else { return }
      guard lingering else { return context.close(promise: nil) }
      context.close(mode: .output, promise: nil)
      alarm?.set(.now() + .seconds(Self.lingerSeconds))
    }
    context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
  }

  func abort() { context?.close(promise: nil) }

  /// Only requests of clients that were let in are counted, and only for endpoints that are there.
  private func count(_ failure: Failure, of request: CurrentRequest) {
    guard let kind = failure.kind, failure.status != 403, let endpoint = request.call?.endpoint else { return }
    let target = request.head.value(.targetVariant)
    var entry = VariantTally.Entry(error: kind)
    entry.bytesIn = request.body.count
    entry.totalSeconds = (NIODeadline.now() - request.arrived).seconds
    router.place(ofEndpoint: endpoint, target: target)?.tally.add(entry)
  }
}
