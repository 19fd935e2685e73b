import CHost
import Glibc
import HostKit
import WorkerContract

/// Forks shims on request: program and libraries are loaded once, so a launch costs a fork and no exec.
///
/// One message in: the path of an attempt's folder. One message out: `PID START-TIME` with the shim's pidfd, or
/// `failed ERRNO`. The end of the socket is the end of the daemon: the nursery goes, its shims live on.
struct Nursery {
  let socket: Int32

  func serve() -> Int32 {
    // Shims inherit the blocked signals: an order that comes before a shim is ready waits instead of killing it.
    let signals = SignalInbox([SIGCHLD, SIGTERM, SIGINT, SIGHUP])
    guard let signals else { return 1 }
    Rehearsal.run()
    _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
    var path = [UInt8](repeating: 0, count: Int(PATH_MAX))
    while true {
      var waiting = [
        pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
        pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&waiting, 2, -1) > 0 else { continue }
      if waiting[1].revents != 0 {
        signals.clear()
        while waitpid(-1, nil, WNOHANG) > 0 {}
      }
      guard waiting[0].revents != 0 else { continue }
      var attached: Int32 = -1
      let count = htr_receive_message(socket, &path, path.count, &attached)
      if attached >= 0 { close(attached) }
      guard count > 0 else { return 0 }
      launch(String(decoding: path[..<count], as: UTF8.self))
    }
  }

  private func launch(_ path: String) {
    let child = htr_fork()
    if child == 0 {
      close(socket)
      setsid()
      _exit(Shim.work(on: AttemptFolder(path: path)))
    }
    guard child > 0 else { return answer("failed \(errno)") }
    // Ended or not, the child keeps its pid until it is reaped, and that happens only after this.
    let handle = htr_pidfd_open(child)
    guard handle >= 0, let entry = ProcessEntry(pid: child) else {
      let code = errno
      kill(child, SIGKILL)
      if handle >= 0 { close(handle) }
      return answer("failed \(code)")
    }
    answer("\(child) \(entry.startTime)", handle: handle)
    close(handle)
  }

  /// A daemon that went away meanwhile needs no answer: the end of the socket is seen next.
  private func answer(_ text: String, handle: Int32 = -1) {
    let bytes = Array(text.utf8)
    _ = htr_send_message(socket, bytes, bytes.count, handle)
  }
}
