import CHost
import Glibc
import HostKit
import WorkerContract

/// Forks shims on request: program and libraries are loaded once, so a launch costs a fork and no exec.
///
/// One message in: the path of an attempt's folder. One message out: `PID START-TIME` with the shim's pidfd, or
/// `failed ERRNO`. A message `hold PATH` has no answer: it asks to hold the output of an attempt whose shim another
/// nursery forked. The end of the socket is the end of the daemon: its shims live on, and the nursery stays for as long
/// as it holds output that may still have to be saved.
final class Nursery {
  private let socket: Int32
  private var outputs = HeldOutputs()
  /// What the shims that have not been reaped work on.
  private var shims: [Int32: AttemptFolder] = [:]
  private var path = [UInt8](repeating: 0, count: Int(PATH_MAX))

  init(socket: Int32) { self.socket = socket }

  func serve() -> Int32 {
    // Shims inherit the blocked signals: an order that comes before a shim is ready waits instead of killing it.
    let signals = SignalInbox([SIGCHLD, SIGTERM, SIGINT, SIGHUP])
    guard let signals else { return 1 }
    Rehearsal.run()
    _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
    var hasDaemon = true
    while hasDaemon || !outputs.isEmpty {
      var waiting = [hasDaemon ? socket : -1, signals.descriptor, outputs.changes].map {
        pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
      }
      guard poll(&waiting, nfds_t(waiting.count), -1) > 0 else { continue }
      if waiting[1].revents != 0 {
        signals.clear()
        reap()
      }
      if waiting[2].revents != 0 { outputs.letGoOfEnded() }
      if waiting[0].revents != 0 { hasDaemon = serveRequest() }
    }
    return 0
  }

  private func reap() {
    while true {
      let pid = waitpid(-1, nil, WNOHANG)
      guard pid > 0 else { return }
      if let folder = shims.removeValue(forKey: pid) { outputs.shimEnded(folder) }
    }
  }

  /// False at the end of the daemon.
  private func serveRequest() -> Bool {
    var attached: Int32 = -1
    let count = htr_receive_message(socket, &path, path.count, &attached)
    if attached >= 0 { close(attached) }
    guard count > 0 else { return false }
    let request = String(decoding: path[..<count], as: UTF8.self)
    if request.hasPrefix("hold ") {
      let folder = AttemptFolder(path: String(request.dropFirst(5)))
      outputs.hold(folder)
      // No child of ours will tell when it is over: its folder does.
      outputs.shimEnded(folder)
    } else {
      launch(AttemptFolder(path: request))
    }
    return true
  }

  private func launch(_ folder: AttemptFolder) {
    outputs.hold(folder)
    let child = htr_fork()
    if child == 0 {
      close(socket)
      outputs.closeInherited()
      setsid()
      _exit(Shim.work(on: folder))
    }
    guard child > 0 else {
      let code = errno
      outputs.shimEnded(folder)
      return answer("failed \(code)")
    }
    shims[child] = folder
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
