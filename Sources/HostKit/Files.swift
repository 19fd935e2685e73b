import CHost
import Glibc

/// Files and folders by plain calls: no Foundation, so the shim can use them, and every failure names its path.
public enum Files {
  public enum Kind: Sendable { case file, folder, link, other }

  public struct Status: Sendable {
    public let kind: Kind
    public let size: Int64
    public let modified: Timestamp
    public let device: UInt64
    public let inode: UInt64
  }

  /// The status of a path itself (links are not followed); nil when there is nothing.
  public static func status(_ path: String) throws(SystemError) -> Status? {
    var value = stat()
    guard lstat(path, &value) == 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw SystemError("look at", path)
    }
    let kind: Kind =
      switch value.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      case S_IFLNK: .link
      default: .other
      }
    let modified = Timestamp(
      milliseconds: Int64(value.st_mtim.tv_sec) * 1000 + Int64(value.st_mtim.tv_nsec) / 1_000_000)
    return Status(
      kind: kind, size: Int64(value.st_size), modified: modified, device: UInt64(value.st_dev),
      inode: UInt64(value.st_ino))
  }

  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// True when this process may read the file, or list and enter the folder.
  public static func isReadable(_ path: String) -> Bool { access(path, R_OK) == 0 }

  /// True when neither group nor others have any right to the file.
  public static func isPrivate(_ path: String) throws(SystemError) -> Bool {
    var value = stat()
    guard lstat(path, &value) == 0 else { throw SystemError("look at", path) }
    return value.st_mode & 0o077 == 0
  }

  /// True for a real folder of ours with exactly these rights.
  public static func isPlainFolder(_ path: String, mode: UInt32) throws(SystemError) -> Bool {
    var value = stat()
    guard lstat(path, &value) == 0 else {
      if errno == ENOENT || errno == ENOTDIR { return false }
      throw SystemError("look at", path)
    }
    return value.st_mode & S_IFMT == S_IFDIR && value.st_mode & 0o7777 == mode && value.st_uid == geteuid()
  }

  /// The path without links, `.` and `..`; nil when it does not exist.
  public static func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  /// The bytes of a file of at most `limit` bytes; a longer one is an EFBIG error, never a partial answer.
  public static func read(_ path: String, limit: Int = 1 << 26) throws(SystemError) -> [UInt8] {
    let bytes = try readPrefix(path, limit: limit + 1)
    guard bytes.count <= limit else { throw SystemError("read", path, code: EFBIG) }
    return bytes
  }

  /// At most the first `limit` bytes of a file.
  public static func readPrefix(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
    let file = try Descriptor.open(path, O_RDONLY)
    return try file.read(limit: limit, path: path)
  }

  /// At most the last `limit` bytes of a file.
  public static func readSuffix(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
    let file = try Descriptor.open(path, O_RDONLY)
    let size = lseek(file.number, 0, SEEK_END)
    guard lseek(file.number, max(0, size - off_t(limit)), SEEK_SET) >= 0 else {
      throw SystemError("read", path)
    }
    return try file.read(limit: limit, path: path)
  }

  /// The text of a small file; bytes that are not UTF-8 are replaced.
  public static func readText(_ path: String, limit: Int = 1 << 20) throws(SystemError) -> String {
    String(decoding: try read(path, limit: limit), as: UTF8.self)
  }

  /// Replaces a file as a whole: temporary name in the same folder, then rename. With `durable` (the default) file and
  /// folder are synced, so that the new content survives a power cut once this returns.
  public static func write(
    _ bytes: [UInt8], to path: String, mode: UInt32 = 0o644, durable: Bool = true
  ) throws(SystemError) {
    let temporary = "\(path).tmp-\(getpid())-\(Identifier.random(bytes: 4))"
    do {
      let file = try Descriptor.open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
      try file.write(bytes, path: temporary)
      if durable { try file.sync(path: temporary) }
      try rename(temporary, to: path, durable: durable)
    } catch {
      unlink(temporary)
      throw error
    }
  }

  public static func write(
    _ text: String, to path: String, mode: UInt32 = 0o644, durable: Bool = true
  ) throws(SystemError) {
    try write(Array(text.utf8), to: path, mode: mode, durable: durable)
  }

  /// Writes a file where it stands, not synced: for folders that nobody looks into yet. A link or anything else that
  /// is there is replaced by a plain file first.
  public static func writeInPlace(_ text: String, to path: String, mode: UInt32 = 0o644) throws(SystemError) {
    if let status = try status(path), status.kind != .file { try remove(path) }
    let file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: mode)
    try file.write(Array(text.utf8), path: path)
  }

  public static func rename(_ from: String, to: String, durable: Bool = true) throws(SystemError) {
    guard Glibc.rename(from, to) == 0 else { throw SystemError("rename \(from) to", to) }
    if durable { try syncFolder(parent(of: to)) }
  }

  /// Waits until a file's content is on the disk.
  public static func sync(_ path: String) throws(SystemError) {
    try Descriptor.open(path, O_RDONLY).sync(path: path)
  }

  public static func syncFolder(_ path: String) throws(SystemError) {
    try Descriptor.open(path, O_RDONLY | O_DIRECTORY).sync(path: path)
  }

  /// Makes a folder and those above it; an existing one is fine.
  public static func makeFolder(_ path: String, mode: UInt32 = 0o755) throws(SystemError) {
    if mkdir(path, mode) == 0 { return }
    switch errno {
    case EEXIST:
      if let status = try status(path), status.kind == .folder { return }
      var target = stat()
      if stat(path, &target) == 0, target.st_mode & S_IFMT == S_IFDIR { return }
      throw SystemError("make folder", path, code: ENOTDIR)
    case ENOENT:
      let above = parent(of: path)
      guard above != path else { throw SystemError("make folder", path) }
      try makeFolder(above, mode: mode)
      if mkdir(path, mode) != 0, errno != EEXIST { throw SystemError("make folder", path) }
    default: throw SystemError("make folder", path)
    }
  }

  /// The names in a folder in byte order, without `.` and `..`.
  public static func names(in path: String) throws(SystemError) -> [String] {
    guard let folder = opendir(path) else { throw SystemError("list", path) }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Removes a file, a link or a whole folder; links are removed, never followed. Nothing there is fine.
  public static func remove(_ path: String) throws(SystemError) {
    if unlink(path) == 0 || errno == ENOENT { return }
    guard errno == EISDIR || errno == EPERM else { throw SystemError("remove", path) }
    guard let status = try status(path), status.kind == .folder else {
      throw SystemError("remove", path, code: EPERM)
    }
    chmod(path, 0o700)
    for name in try names(in: path) { try remove("\(path)/\(name)") }
    if rmdir(path) != 0, errno != ENOENT { throw SystemError("remove", path) }
  }

  /// The folder that holds a path. Names are bytes: a component may begin with a combining mark.
  public static func parent(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  public static func name(of path: String) -> String {
    path.utf8.split(separator: UInt8(ascii: "/")).last.flatMap { String($0) } ?? path
  }

  /// Bytes free for us on the file system that holds a path; nil when it cannot be told.
  public static func availableBytes(at path: String) -> Int64? {
    let bytes = htr_available_bytes(path)
    return bytes < 0 ? nil : bytes
  }
}
