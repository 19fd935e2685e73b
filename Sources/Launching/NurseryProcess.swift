import CHost
import Glibc
import HostKit

/// The running `htr-shim nursery`: asks it for shims. Not thread-safe: its owner's lock guards it.
final class NurseryProcess: Sendable {
  /// Forking takes well under a millisecond; a nursery that is silent for this long is broken.
  private static let patienceSeconds = 5

  /// A shim that has just been forked.
  struct Shim {
    let identity: ProcessIdentity
    let handle: ProcessHandle
  }

  private let socket: Int32
  private let pid: Int32

  /// Starts the program. It loads while the first request waits in the socket.
  init(executable: String) throws(SystemError) {
    var pair: [Int32] = [-1, -1]
    guard htr_socket_pair(&pair) == 0 else { throw SystemError("make a socket pair for", executable) }
    var code: Int32 = 0
    let environment = Self.environment()
    let child: Int32 = withCStrings([executable, "nursery"]) { arguments in
      withCStrings(environment) { variables in
        let child = htr_start_service(executable, arguments, variables, pair[1])
        code = errno
        return child
      }
    }
    close(pair[1])
    guard child > 0 else {
      close(pair[0])
      throw SystemError("start", executable, code: code)
    }
    var patience = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
    setsockopt(
      pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    socket = pair[0]
    pid = child
  }

  /// A pidfd of the nursery: readable when it has ended.
  func openHandle() -> ProcessHandle? {
    let number = htr_pidfd_open(pid)
    return number < 0 ? nil : ProcessHandle(owning: number)
  }

  /// Forks a shim for the folder.
  func launch(_ folder: String) throws(SystemError) -> Shim {
    let path = Array(folder.utf8)
    guard path.count < Int(PATH_MAX) else {
      throw SystemError("launch a shim for", folder, code: ENAMETOOLONG)
    }
    guard htr_send_message(socket, path, path.count, -1) == path.count else {
      throw SystemError("ask the nursery for a shim for", folder)
    }
    var answer = [UInt8](repeating: 0, count: 128)
    var descriptor: Int32 = -1
    let count = htr_receive_message(socket, &answer, answer.count, &descriptor)
    guard count > 0 else {
      throw SystemError("hear from the nursery about", folder, code: count == 0 ? EPIPE : errno)
    }
    let words = String(decoding: answer[..<count], as: UTF8.self).split(separator: " ")
    guard descriptor >= 0 else {
      let code = words.count == 2 ? Int32(words[1]) : nil
      throw SystemError("fork a shim for", folder, code: code ?? EPROTO)
    }
    let handle = ProcessHandle(owning: descriptor)
    guard words.count == 2, let pid = Int32(words[0]), let startTime = UInt64(words[1]) else {
      throw SystemError("understand the nursery's answer about", folder, code: EPROTO)
    }
    return Shim(identity: ProcessIdentity(pid: pid, startTime: startTime), handle: handle)
  }

  /// Asks the nursery to hold the output of an attempt that another nursery's shim works on. When it cannot be asked,
  /// that output is safe all the same unless shim and daemon die at once.
  func hold(_ folder: String) {
    let request = Array("hold \(folder)".utf8)
    _ = htr_send_message(socket, request, request.count, -1)
  }

  /// Lets go of a nursery in good order: it ends by itself, once nobody's output is at risk. Only once.
  func leave() {
    close(socket)
    waitpid(pid, nil, WNOHANG)
  }

  /// Ends a broken nursery (its shims live on) and reaps it. Only once.
  func end() {
    kill(pid, SIGKILL)
    close(socket)
    while waitpid(pid, nil, 0) < 0, errno == EINTR {}
  }

  /// Nothing of the daemon's own: secrets in its environment stay there.
  private static func environment() -> [String] {
    let names = ["PATH", "HTR_FAILPOINTS"]
    // Libraries bound at the nursery's start need no binding in each shim.
    return ["LD_BIND_NOW=1"]
      + names.compactMap { (name: String) -> String? in
        guard let value = getenv(name) else { return nil }
        return "\(name)=\(String(cString: value))"
      }
  }
}
