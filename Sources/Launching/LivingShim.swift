import Glibc
import HostKit
import WorkerContract

enum LivingShim {
  /// A pidfd of the shim that works on the folder now; nil when none does.
  ///
  /// Its record must name a living process of this boot, and somebody must hold the folder's lock: the lock is tried
  /// only then, because a shim that starts while it is tried gives way.
  static func find(_ folder: AttemptFolder) -> ProcessHandle? {
    // Half a record (a power cut) is of another boot.
    guard let record = try? ProcessRecord.read(folder.shim), let identity = record.living,
      let handle = identity.openHandle(), isLocked(folder)
    else { return nil }
    return handle
  }

  private static func isLocked(_ folder: AttemptFolder) -> Bool {
    do throws(SystemError) {
      return try !Descriptor.open(folder.lock, O_RDWR).lock()
    } catch {
      return false
    }
  }
}
