import Glibc
import HostKit
import TestKit

/// A file system of a few megabytes in the mount namespace of a program that waits, seen through that program's root.
enum SmallDisk {
  /// Skips where mounting is not allowed.
  static func use(mebibytes: Int, _ body: (_ folder: String) async throws -> Void) async throws {
    guard let unshare = Programs.installed("unshare") else { return print("skipped: there is no unshare") }
    try await withScratchFolder { folder in
      let namespace = ["--mount"] + (getuid() == 0 ? [] : ["--user", "--map-root-user"]) + ["--", "/bin/sh", "-c"]
      let script = #"mount -t tmpfs -o size=\#(mebibytes)m none "$0" && echo mounted && exec sleep 600"#
      let holder = try ChildProcess(
        unshare, namespace + [script, folder], environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
      defer { holder.send(SIGKILL) }
      do {
        try await holder.waitUntil("a mounted file system") { output, _ in
          String(decoding: output, as: UTF8.self).contains("mounted")
        }
      } catch {
        guard holder.errorText.contains("ermi") || holder.errorText.contains("not allowed") else { throw error }
        return print("skipped: mounting is not allowed: \(holder.errorText)")
      }
      try await body("/proc/\(holder.pid)/root\(folder)")
    }
  }
}
