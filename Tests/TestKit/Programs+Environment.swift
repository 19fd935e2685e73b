import Glibc
public import HostKit

extension Programs {
  /// The path of one of our programs: in the folder that `HTR_PROGRAMS` names, else as `path` finds it. The variable lets
  /// a test that is built apart from the programs use those of another build.
  public static func built(_ name: String) throws(SystemError) -> String {
    guard let folder = getenv("HTR_PROGRAMS") else { return try path(name) }
    let candidate = "\(String(cString: folder))/\(name)"
    guard access(candidate, X_OK) == 0 else { throw SystemError("run", candidate) }
    return candidate
  }

  /// A program of the system, found in PATH; nil when there is none.
  public static func installed(_ name: String) -> String? {
    if name.hasPrefix("/") { return access(name, X_OK) == 0 ? name : nil }
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }
}
