import NIOCore

/// How answers of the data plane are written.
extension RequestSplitter {
  func answer(_ failure: Failure, to id: RequestID, variant: String?) {
    guard let context, let current else { return }
    var buffer = context.channel.allocator.buffer(capacity: 1024)
    failure.write(to: &buffer, requestID: id, closes: current.closes, variant: variant)
    context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    endRequest()
  }

  /// An answer that is there from beginning to end: one write, of one buffer when it is small.
  func sendWholeAnswer(of invocation: Invocation) {
    guard let context else { return }
    let body = invocation.answer.body
    let isSmall = body.count <= InvocationRequest.smallBody
    var buffer = head(of: invocation, length: body.count, capacity: isSmall ? body.count : 0)
    if isSmall {
      for piece in body.pieces { buffer.writeImmutableBuffer(piece) }
      context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    } else {
      context.write(wrapOutboundOut(buffer), promise: nil)
      for piece in body.pieces { context.write(wrapOutboundOut(piece), promise: nil) }
      context.flush()
    }
    endRequest()
  }

  func beginAnswer(of invocation: Invocation) {
    let length = invocation.request.isStreamed ? nil : invocation.answer.announcedLength
    context?.write(wrapOutboundOut(head(of: invocation, length: length, capacity: 0)), promise: nil)
    for piece in invocation.answer.beginStreaming() { continueAnswer(with: piece, of: invocation) }
  }

  func continueAnswer(with piece: ByteBuffer, of invocation: Invocation) {
    write(invocation.request.isStreamed ? EventFrame.part(piece).encoded : piece, of: invocation)
  }

  private func write(_ piece: ByteBuffer, of invocation: Invocation) {
    guard let context else { return }
    guard isChunked(invocation) else { return context.write(wrapOutboundOut(piece), promise: nil) }
    var size = context.channel.allocator.buffer(capacity: 16)
    size.writeHexadecimal(piece.readableBytes)
    size.writeStaticString("\r\n")
    context.write(wrapOutboundOut(size), promise: nil)
    context.write(wrapOutboundOut(piece), promise: nil)
    context.write(wrapOutboundOut(ByteBuffer(staticString: "\r\n")), promise: nil)
  }

  func endStreamedAnswer(of invocation: Invocation) {
    if isChunked(invocation) {
      context?.write(wrapOutboundOut(ByteBuffer(staticString: "0\r\n\r\n")), promise: nil)
    }
    context?.flush()
    endRequest()
  }

  /// A stream can say why it ends; any other answer cannot be told from a whole one but by its connection's end.
  func breakAnswer(of invocation: Invocation, because fault: WorkerFault) {
    guard invocation.request.isStreamed else { return abort() }
    let code = fault.kind == .timedOut ? "ModelInvocationTimeExceeded" : "StreamBroken"
    write(EventFrame.broken("The instance began to answer, but \(fault.reason).", code: code).encoded, of: invocation)
    endStreamedAnswer(of: invocation)
  }

  /// False: the client does not read, so the worker must wait. It is told by `clientCanTakeMore`.
  func flushAndCanTakeMore() -> Bool {
    guard let context else { return true }
    context.flush()
    if context.channel.isWritable { return true }
    alarm?.set(.now() + .seconds(times.stall))
    return false
  }

  func wakeUp(at time: NIODeadline) { alarm?.set(time) }
  func keepAwake() { alarm?.unset() }

  private func isChunked(_ invocation: Invocation) -> Bool {
    (invocation.answer.announcedLength == nil || invocation.request.isStreamed) && !invocation.request.head.isOld
  }

  private func head(of invocation: Invocation, length: Int?, capacity: Int) -> ByteBuffer {
    var buffer = ByteBufferAllocator().buffer(capacity: 384 + capacity)
    buffer.writeStaticString("HTTP/1.1 200 OK\r\n")
    if invocation.request.isStreamed {
      buffer.writeStaticString("content-type: ")
      buffer.writeStaticString(EventFrame.contentType)
      buffer.writeStaticString("\r\n")
    }
    if let contentType = invocation.answer.contentType {
      let name: StaticString = invocation.request.isStreamed ? "x-amzn-sagemaker-content-type: " : "content-type: "
      buffer.writeField(name, contentType)
    }
    if let attributes = invocation.answer.customAttributes {
      buffer.writeField("x-amzn-sagemaker-custom-attributes: ", attributes)
    }
    if let variant = invocation.place?.variant {
      buffer.writeField("x-amzn-invoked-production-variant: ", variant.utf8)
    }
    buffer.writeStaticString("x-amzn-requestid: ")
    invocation.request.id.write(to: &buffer)
    buffer.writeStaticString("\r\n")
    if invocation.request.head.value(.timing) == "true" { invocation.watch.writeTiming(to: &buffer) }
    if current?.closes == true { buffer.writeStaticString("connection: close\r\n") }
    if let length {
      buffer.writeStaticString("content-length: ")
      buffer.writeDecimal(length)
      buffer.writeStaticString("\r\n")
    } else if isChunked(invocation) {
      buffer.writeStaticString("transfer-encoding: chunked\r\n")
    }
    buffer.writeStaticString("\r\n")
    return buffer
  }
}
