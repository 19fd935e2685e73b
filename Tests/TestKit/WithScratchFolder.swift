import Glibc
import HostKit

/// Lends a fresh, empty folder under the system's temporary folder (`TMPDIR`, else `/tmp`) and removes it with all it
/// holds afterwards, however the body ends. Its path is short enough for Unix sockets.
public func withScratchFolder<Answer>(
  _ body: (_ path: String) async throws -> Answer
) async throws -> Answer {
  let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
  let path = "\(base)/htr-\(Identifier.random(bytes: 6))"
  try Files.makeFolder(path, mode: 0o700)
  // What cannot be removed is the system's to clean up; the test has told what it had to tell.
  defer { try? Files.remove(path) }
  return try await body(path)
}
