import Glibc
import HostKit
import JSONKit

/// A file that appears whole at the end, under its name; until then, nothing or what was there before.
final class WholeFile: ByteTarget {
  private let path: String
  private let temporary: String
  private let file: Int32

  init(_ path: String) throws {
    self.path = path
    try Files.makeFolder(Files.parent(of: path))
    temporary = "\(path).tmp-\(getpid())-\(Identifier.random(bytes: 4))"
    file = try Descriptor.open(temporary, O_WRONLY | O_CREAT | O_EXCL).release()
  }

  /// An unfinished file goes.
  deinit {
    close(file)
    unlink(temporary)
  }

  func write(_ bytes: [UInt8]) throws {
    try writeAll(bytes, to: file, path: temporary)
  }

  func finish(isEmpty: Bool) throws {
    guard !isEmpty else { return }
    try Files.sync(temporary)
    try Files.rename(temporary, to: path)
  }
}

/// A file of lines that grows in place, so that an ended run can be taken up again.
final class GrowingFile: ByteTarget {
  /// The `source` or `source-ref` of the lines that are there already.
  let sources: Set<String>
  private let path: String
  private let file: Int32
  private static let maximumBytes = 1 << 30

  /// - Parameter resumes: keeps the whole lines of an earlier run; an unfinished last line goes.
  init(_ path: String, resumes: Bool) throws {
    self.path = path
    try Files.makeFolder(Files.parent(of: path))
    var (sources, length): (Set<String>, Int) = ([], 0)
    if resumes, Files.exists(path) { (sources, length) = try Self.lines(of: path) }
    self.sources = sources
    file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_APPEND).release()
    guard ftruncate(file, length) == 0 else {
      let error = SystemError("shorten", path)
      close(file)
      throw error
    }
  }

  deinit { close(file) }

  func write(_ bytes: [UInt8]) throws { try writeAll(bytes, to: file, path: path) }

  func finish(isEmpty: Bool) throws { try Files.sync(path) }

  /// The sources of the whole lines, and how many bytes these take.
  private static func lines(of path: String) throws -> (Set<String>, Int) {
    let bytes = try Files.read(path, limit: maximumBytes)
    var sources: Set<String> = []
    var start = 0
    var number = 1
    while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      // What is wrong with a line matters less than that it is no line of ours.
      let line = try? JSON(parsing: Array(bytes[start..<end]))
      guard let source = (line?["source"] ?? line?["source-ref"])?.string else {
        throw Failure(
          "--resume \(path)", "line \(number) is no page that `htrctl read` has written",
          advice: "Name another file, or leave --resume out to replace this one.")
      }
      sources.insert(source)
      start = end + 1
      number += 1
    }
    return (sources, start)
  }
}

private func writeAll(_ bytes: [UInt8], to file: Int32, path: String) throws(SystemError) {
  var rest = bytes[...]
  while !rest.isEmpty {
    let wrote = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
    if wrote >= 0 { rest = rest.dropFirst(wrote) } else if errno != EINTR { throw SystemError("write", path) }
  }
}
