import Glibc
import HostKit

/// The other programs of htr.
enum Programs {
  /// Looks in HTR_PROGRAMS if that is set, else beside this program, so that a build's parts stay together; then along
  /// PATH.
  static func path(of name: String) -> String? {
    let environment = Terminal.current.environment
    let along = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
    return ([folder] + along).map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }

  /// Where they are first looked for.
  static var folder: String { Terminal.current.environment["HTR_PROGRAMS"] ?? ownFolder }

  private static var ownFolder: String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let path = buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
    return Files.parent(of: String(decoding: path, as: UTF8.self))
  }
}
