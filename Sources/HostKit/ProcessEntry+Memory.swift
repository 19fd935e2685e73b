import Glibc

extension ProcessEntry {
  /// The process's fair share of memory in bytes: a page shared by n processes counts 1/n. Dearer than
  /// `residentBytes`, which counts shared pages once per process; equal to it where the kernel does not tell.
  public var proportionalBytes: UInt64 {
    // A process that has just ended, or one we may not look into, has no such file.
    guard let text = try? Files.readPrefix("/proc/\(pid)/smaps_rollup", limit: 8192) else {
      return residentBytes
    }
    for line in text.split(separator: UInt8(ascii: "\n")) where line.starts(with: "Pss:".utf8) {
      let words = line.split(separator: UInt8(ascii: " "))
      if words.count > 1, let kilobytes = UInt64(String(decoding: words[1], as: UTF8.self)) {
        return kilobytes << 10
      }
    }
    return residentBytes
  }
}
