import NIOCore

/// Where the time of a request went.
///
/// - queue: from the whole request until a worker took it, all tries together.
/// - compute: from a worker's getting the request until its answer began, all stages and tries together.
/// - transfer: everything else until the answer is sent: the request's and the answer's bytes on their way.
struct Stopwatch {
  let arrived: NIODeadline
  private(set) var queue = TimeAmount.zero
  private(set) var compute = TimeAmount.zero
  private(set) var wasTaken = false
  private var mark: NIODeadline

  /// - Parameter arrived: when the request's first byte came. It is whole now.
  init(arrived: NIODeadline) {
    self.arrived = arrived
    mark = .now()
  }

  mutating func waits() { mark = .now() }

  mutating func isTaken() {
    let now = NIODeadline.now()
    wasTaken = true
    queue = queue + (now - mark)
    mark = now
  }

  mutating func isSent() { mark = .now() }
  mutating func isAnswered() { compute = compute + (NIODeadline.now() - mark) }

  func writeTiming(to buffer: inout ByteBuffer) {
    let transfer = (NIODeadline.now() - arrived) - queue - compute
    buffer.writeString("server-timing: queue;dur=\(Self.milliseconds(queue)), ")
    buffer.writeString("transfer;dur=\(Self.milliseconds(transfer)), compute;dur=\(Self.milliseconds(compute))\r\n")
  }

  private static func milliseconds(_ time: TimeAmount) -> String {
    let micros = max(0, time.nanoseconds / 1000)
    let fraction = String(micros % 1000)
    return "\(micros / 1000).\(String(repeating: "0", count: 3 - fraction.utf8.count))\(fraction)"
  }
}

extension TimeAmount {
  var seconds: Double { Double(nanoseconds) / 1e9 }
}
