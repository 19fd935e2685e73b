import NIOCore

/// A worker's answer while it arrives: held back at first, passed through when it is long.
struct AnswerInHand {
  enum Ruling { case hold, stream, tooLarge }

  private(set) var status = 0
  private(set) var head: WorkerHead?
  private(set) var body = HeldBody()
  /// Whether its beginning was sent to the client.
  private(set) var isStreaming = false
  private(set) var bytesOut = 0
  private var isForClient = true
  /// Whether nothing is held back.
  private var isImmediate = false
  private var largestBody = 0

  var isSuccess: Bool { (200..<300).contains(status) }
  var contentType: ByteBufferView? { head.flatMap { head in head.contentType.map(head.slice) } }
  var customAttributes: ByteBufferView? { head.flatMap { head in head.customAttributes.map(head.slice) } }

  /// The length of the body, when it is known before its end.
  var announcedLength: Int? { if case .length(let count) = head?.framing { count } else { nil } }

  mutating func begin(_ head: WorkerHead, isForClient: Bool, isImmediate: Bool, largestBody: Int) {
    self.head = head
    self.isForClient = isForClient
    self.isImmediate = isImmediate
    self.largestBody = largestBody
    status = head.status
  }

  mutating func take(_ piece: ByteBuffer) -> Ruling {
    guard isSuccess else {
      // The beginning of an error tells enough.
      if body.count < Failure.longestOriginal { body.hold(piece) }
      return .hold
    }
    bytesOut += piece.readableBytes
    if isStreaming { return .stream }
    if isForClient {
      if isImmediate || bytesOut > Invocation.heldBack { return .stream }
    } else if bytesOut > largestBody {
      return .tooLarge
    }
    body.hold(piece)
    return .hold
  }

  /// What was held back so far, given out for good.
  mutating func beginStreaming() -> [ByteBuffer] {
    isStreaming = true
    defer { body.removeAll() }
    return body.pieces
  }
}
