import CHost
import Glibc
import HostKit

/// Signals as something to poll for, instead of interrupting whatever runs.
struct SignalInbox {
  let descriptor: Int32

  /// Blocks the signals for the rest of the process's life; the descriptor lives as long.
  init?(_ signals: [Int32]) {
    descriptor = htr_signal_descriptor(signals, Int32(signals.count))
    guard descriptor >= 0 else { return nil }
  }

  /// Takes the signals that have come, each kind at most once.
  func take() -> Set<Int32> {
    var taken: Set<Int32> = []
    while true {
      let signal = htr_next_signal(descriptor)
      if signal == 0 { return taken }
      taken.insert(signal)
    }
  }

  func clear() { while htr_next_signal(descriptor) != 0 {} }

  /// Sleeps until a signal comes or the time is over, and forgets the signals.
  func sleep(atMost milliseconds: Int32) {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    poll(&waiting, 1, milliseconds)
    clear()
  }
}

/// Milliseconds on a clock that nobody can set.
enum Monotonic {
  static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// Seconds of a spec as milliseconds: negative and senseless ones are 0, endless ones thirty years.
  static func milliseconds(_ seconds: Double) -> Int64 {
    seconds > 0 ? Int64((min(seconds, 1e9) * 1000).rounded(.up)) : 0
  }
}

/// Does what must be done, however long the disk stays full; any other failure is thrown.
func patiently<Value>(_ work: () throws(SystemError) -> Value) throws(SystemError) -> Value {
  while true {
    do {
      return try work()
    } catch {
      guard error.isFull else { throw error }
      poll(nil, 0, 1000)
    }
  }
}
