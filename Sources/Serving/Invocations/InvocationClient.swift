import HostKit
import NIOCore

/// Whom an invocation answers: a connection, or the daemon itself. All of it happens on one event loop.
protocol InvocationClient: AnyObject {
  var loop: any EventLoop { get }
  var random: SeededRandom { get set }

  /// The request is over, and this is why.
  func answer(_ failure: Failure, to id: RequestID, variant: String?)
  /// The request is over, its answer held by the invocation.
  func sendWholeAnswer(of invocation: Invocation)
  /// What was held back goes out, and each piece from now on as it comes.
  func beginAnswer(of invocation: Invocation)
  func continueAnswer(with piece: ByteBuffer, of invocation: Invocation)
  func endStreamedAnswer(of invocation: Invocation)
  /// The answer breaks off after its beginning.
  func breakAnswer(of invocation: Invocation, because fault: WorkerFault)
  /// False: no more can be taken now; `clientCanTakeMore` tells when.
  func flushAndCanTakeMore() -> Bool
  /// Has `waitedTooLong` called at that time, unless `keepAwake` comes first.
  func wakeUp(at time: NIODeadline)
  func keepAwake()
}
