import Glibc

extension Files {
  /// Bytes that a folder's files take on the disk (sparse ones count what they hold; links are not followed). A folder
  /// that changes meanwhile gives an answer from somewhere in between; what cannot be looked at counts nothing.
  public static func bytesOnDisk(below path: String) -> Int64 {
    var total: Int64 = 0
    var open = [path]
    while let folder = open.popLast() {
      guard let entries = opendir(folder) else { continue }
      defer { closedir(entries) }
      while let entry = readdir(entries) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        var value = stat()
        guard name != ".", name != "..",
          fstatat(dirfd(entries), name, &value, AT_SYMLINK_NOFOLLOW) == 0
        else { continue }
        total += Int64(value.st_blocks) * 512
        if value.st_mode & S_IFMT == S_IFDIR { open.append("\(folder)/\(name)") }
      }
    }
    return total
  }
}
