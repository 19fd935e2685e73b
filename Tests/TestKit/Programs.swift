import Glibc
public import HostKit

/// Finds the programs that this package builds.
public enum Programs {
  /// The path of a program by its name, looked for beside the running test program and above it.
  public static func path(_ name: String) throws(SystemError) -> String {
    guard let own = realpath("/proc/self/exe", nil) else {
      throw SystemError("find", "the test's own program")
    }
    defer { free(own) }
    var folder = Files.parent(of: String(cString: own))
    while folder != "/", folder != "." {
      let candidate = "\(folder)/\(name)"
      if access(candidate, X_OK) == 0, let status = try Files.status(candidate),
        status.kind == .file
      {
        return candidate
      }
      folder = Files.parent(of: folder)
    }
    throw SystemError("find the built program", name, code: ENOENT)
  }
}
