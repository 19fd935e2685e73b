import Glibc
import HostKit
import JSONKit
import Resources
import WorkerContract

/// The program of a `command` container: `HTR_COMMAND` (a JSON array of words), else the archive's `code/serve`.
enum ServingCommand {
  private static let mostWords = 1_000

  static func words(_ container: Model.Container, _ layout: ServingLayout) throws -> [String] {
    if let text = container.environment["HTR_COMMAND"] {
      // What is no array of texts is told as such, whatever is wrong with it.
      guard let words = (try? JSON(parsing: text))?.array?.compactMap(\.string), let first = words.first,
        !first.isEmpty, words.count <= mostWords
      else { throw WorkerRefusal("HTR_COMMAND must be a JSON array of words, such as [\"python3\", \"server.py\"].") }
      return words
    }
    let program = "\(layout.model)/code/serve"
    guard Files.exists(program) else {
      throw WorkerRefusal(
        "The image \(container.image) runs a command: set HTR_COMMAND in the container's Environment to a JSON array of words, or put an executable at code/serve into the archive."
      )
    }
    // Archives may have lost the permission to execute.
    chmod(program, 0o755)
    return [program]
  }
}

/// A TCP port of 127.0.0.1 that nobody uses at the moment. Somebody else may take it before the worker does; then the
/// worker ends, and the next one gets another.
enum FreePort {
  static func find() throws(SystemError) -> Int {
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { throw SystemError("find", "a free port") }
    let descriptor = Descriptor(owning: number)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor.number, $0, length) == 0 && getsockname(descriptor.number, $0, &length) == 0
      }
    }
    guard isBound else { throw SystemError("find", "a free port") }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}
