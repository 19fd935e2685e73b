import Glibc
import HostKit
import Synchronization

/// A moment that any number of threads can wait for beside their sockets.
final class ClosingTime: Sendable {
  private let reading: Int32
  private let writing: Int32
  private let come = Atomic(false)

  init() throws(SystemError) {
    var pair: [Int32] = [-1, -1]
    guard pipe(&pair) == 0 else { throw SystemError("make", "a pipe") }
    for end in pair { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (reading, writing) = (pair[0], pair[1])
  }

  deinit {
    close(reading)
    if !hasCome { close(writing) }
  }

  var hasCome: Bool { come.load(ordering: .acquiring) }

  /// Wakes everyone who waits, for good.
  func arrive() {
    // The end of the pipe is what the waiting see: unlike a byte in it, nobody can take it from the others.
    if !come.exchange(true, ordering: .acquiringAndReleasing) { close(writing) }
  }

  /// Waits until there is something to take from a socket (its end included); false when closing time comes first.
  func wait(beside socket: Int32, for events: Int32 = POLLIN) -> Bool {
    var waiting = [
      pollfd(fd: socket, events: Int16(events), revents: 0), pollfd(fd: reading, events: Int16(POLLIN), revents: 0),
    ]
    while true {
      let count = poll(&waiting, nfds_t(waiting.count), -1)
      if count > 0 { return waiting[0].revents != 0 }
      if count < 0, errno != EINTR { return false }
    }
  }
}
