import Glibc

/// Finds programs as a shell does, in the environment that they will run in.
enum ProgramSearch {
  /// Where workers find programs: the daemon's own PATH, which is no secret, or the usual one.
  static let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"

  /// - Parameter folder: what relative paths are meant from.
  static func find(_ program: String, path: String, from folder: String) throws(ProgramNotFound) -> String {
    if program.hasPrefix("/") { return program }
    if program.contains("/") { return "\(folder)/\(program)" }
    for place in path.split(separator: ":") {
      let candidate = "\(place)/\(program)"
      if access(candidate, X_OK) == 0 { return candidate }
    }
    throw ProgramNotFound(program: program, path: path)
  }
}

struct ProgramNotFound: Error, CustomStringConvertible {
  let program: String
  let path: String

  var description: String {
    "The program '\(program)' is not in the worker's PATH (\(path)). Install it, or name it by its path."
  }
}
