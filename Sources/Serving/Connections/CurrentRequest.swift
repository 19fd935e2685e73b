import NIOCore
import Signing

/// A request of the data plane while it is read.
struct CurrentRequest {
  let head: ClientHead
  let id: RequestID
  /// When its first byte came.
  let arrived: NIODeadline
  /// Whether the connection ends with its answer.
  var closes: Bool
  /// Known once it is let in.
  var call: EndpointCall?
  private(set) var body = HeldBody()
  private(set) var digest: RunningDigest?

  init(head: ClientHead, id: RequestID, arrived: NIODeadline, closes: Bool, isDigested: Bool) {
    self.head = head
    self.id = id
    self.arrived = arrived
    self.closes = closes
    digest = isDigested ? RunningDigest() : nil
  }

  mutating func hold(_ piece: ByteBuffer) {
    piece.withUnsafeReadableBytes { digest?.add($0) }
    body.hold(piece)
  }
}
