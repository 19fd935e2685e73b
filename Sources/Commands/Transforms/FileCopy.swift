import Glibc
import HostKit

/// Copies a file piece by piece.
enum FileCopy {
  private static let piece = 1 << 20

  static func copy(_ source: String, to target: String) throws(SystemError) {
    let input = try Descriptor.open(source, O_RDONLY)
    let output = try Descriptor.open(target, O_WRONLY | O_CREAT | O_TRUNC)
    while true {
      let bytes = try input.read(limit: piece, path: source)
      if bytes.isEmpty { return }
      try output.write(bytes, path: target)
    }
  }
}
