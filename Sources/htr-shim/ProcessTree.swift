import Glibc
import HostKit

/// Signals to many processes, each by a pidfd whose start time has been checked.
enum ProcessTree {
  private static let mostPasses = 100

  /// Everything alive below this process. As it is a subreaper, nothing that the worker starts can leave.
  static func descendants() -> [ProcessEntry] {
    ProcessEntry.descendants(of: getpid()).filter { !$0.isZombie }
  }

  static func send(_ signal: Int32, to processes: some Sequence<ProcessEntry>) {
    for process in processes {
      ProcessIdentity(pid: process.pid, startTime: process.startTime).openHandle()?.send(signal)
    }
  }

  /// Kills what `find` finds. All are stopped before the first is killed, so that a fork bomb cannot run away.
  static func kill(_ find: () -> [ProcessEntry]) {
    var stopped: [ProcessIdentity: ProcessEntry] = [:]
    for _ in 0..<mostPasses {
      let fresh = find().filter {
        stopped[ProcessIdentity(pid: $0.pid, startTime: $0.startTime)] == nil
      }
      if fresh.isEmpty { break }
      send(SIGSTOP, to: fresh)
      for process in fresh {
        stopped[ProcessIdentity(pid: process.pid, startTime: process.startTime)] = process
      }
    }
    send(SIGKILL, to: stopped.values)
  }

  /// Ends and reaps all that is left below this process; true when there was something left.
  static func end(_ signals: SignalInbox) -> Bool {
    var hadLeftovers = false
    var pause: Int32 = 1
    while true {
      while waitpid(-1, nil, WNOHANG) > 0 {}
      if errno == ECHILD { return hadLeftovers }
      hadLeftovers = true
      kill(descendants)
      signals.sleep(atMost: pause)
      pause = min(pause * 2, 1000)
    }
  }
}
