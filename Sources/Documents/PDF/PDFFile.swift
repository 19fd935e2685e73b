import Glibc
import HostKit

/// A PDF on disk, where poppler can read it: the user's file, or bytes that are kept in a private folder meanwhile.
final class PDFFile: Sendable {
  let path: String
  private let folder: PrivateFolder?

  init(path: String) {
    self.path = path
    folder = nil
  }

  init(bytes: [UInt8]) throws(SystemError) {
    let folder = try PrivateFolder()
    path = "\(folder.path)/document.pdf"
    try Files.write(bytes, to: path, mode: 0o600, durable: false)
    self.folder = folder
  }
}

/// A new folder that nobody else can look into, removed with this object.
final class PrivateFolder: Sendable {
  let path: String

  init() throws(SystemError) {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    path = "\(base)/htr-document-\(Identifier.random(bytes: 8))"
    try Files.makeFolder(path, mode: 0o700)
  }

  deinit {
    // What cannot be removed is the system's to clean up: no page depends on it.
    try? Files.remove(path)
  }
}
