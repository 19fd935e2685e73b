import Glibc

/// A connection whose calls block; it is closed when nobody needs it any more.
final class ConnectedSocket: Sendable {
  let number: Int32

  /// - Parameter number: is closed by this object.
  init(owning number: Int32) {
    self.number = number
    // A client that stops in the middle of a request or an answer must not hold its thread for ever.
    var limit = timeval(tv_sec: 60, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(number, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
    }
  }

  deinit { close(number) }

  /// Waits for bytes; 0 or less at the end of the stream, on failure, and when nothing comes for a minute.
  func receive(_ bytes: inout [UInt8]) -> Int {
    while true {
      let count = recv(number, &bytes, bytes.count, 0)
      if count >= 0 || errno != EINTR { return count }
    }
  }

  /// Sends all the bytes; false when the client does not take them.
  func send(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let part = UnsafeRawBufferPointer(rebasing: rest)
        let sent = Glibc.send(number, part.baseAddress, part.count, Int32(MSG_NOSIGNAL))
        if sent > 0 { rest = rest.dropFirst(sent) } else if errno != EINTR { return false }
      }
      return true
    }
  }

  /// From now on the client's sending fails, so that it knows what was not taken; what had come can still be read.
  func refuseMore() { shutdown(number, Int32(SHUT_RD)) }
}
