import Glibc

extension Duration {
  /// Blocks this thread for so long.
  public func sleep() {
    let (seconds, attoseconds) = components
    var pause = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    var rest = timespec()
    while nanosleep(&pause, &rest) != 0, errno == EINTR { pause = rest }
  }
}
