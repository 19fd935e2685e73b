import ArchiveKit
import CHost
import Client
import Glibc
import HostKit

/// A worker of this command's own: on a socket in a private folder, gone with the command.
final class PrivateWorker {
  let endpoint: WorkerEndpoint
  private let folder: String
  private let pid: pid_t
  /// Once true, the number may mean another process.
  private var isReaped = false
  /// From its start until it answers that it is ready.
  private static let loadingTime: Duration = .seconds(120)
  /// After SIGTERM, until SIGKILL.
  private static let grace: Duration = .seconds(5)
  private static let unpackedLimit: Int64 = 4 << 30

  /// Starts it and waits until it is ready.
  /// - Parameter models: folders, or `model.tar.gz` files that are unpacked into the private folder.
  /// - Throws: `Failure` with its last words on standard error.
  init(models: [String]) throws {
    guard let program = Programs.path(of: "htr-inference") else {
      throw Failure(
        "htr-inference", "is neither beside htrctl nor in PATH", advice: "Install both programs in one folder.",
        status: .troubled)
    }
    let base = Terminal.current.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    folder = absolutePath("\(base)/htrctl-\(Identifier.random(bytes: 6))")
    try Files.makeFolder(folder, mode: 0o700)
    let socket = "\(folder)/worker.sock"
    let name = models.map { "--model \($0)" }.joined(separator: " ")
    endpoint = WorkerEndpoint(
      WorkerClient(.unixSocket(path: socket)), name: name, advice: "The worker has ended by itself.")
    do {
      var folders: [String] = []
      for model in models { folders.append(try Self.modelFolder(model, number: folders.count, within: folder)) }
      pid = try Self.launch(program, Self.arguments(folders, socket: socket), folder: folder)
    } catch {
      // The failure matters; an empty folder that stays behind does not.
      try? Files.remove(folder)
      throw error
    }
    do {
      try waitUntilReady()
    } catch {
      stop()
      throw error
    }
  }

  /// Ends it, by force if need be, and removes its folder.
  func stop() {
    if !isReaped { kill(pid, SIGTERM) }
    if !hasEnded(within: Self.grace) {
      kill(pid, SIGKILL)
      while waitpid(pid, nil, 0) < 0, errno == EINTR {}
      isReaped = true
    }
    // What cannot be removed is the system's to clean up.
    try? Files.remove(folder)
  }

  // MARK: Start

  private static func modelFolder(_ model: String, number: Int, within folder: String) throws -> String {
    let path = absolutePath(model)
    guard let real = Files.realPath(path), let status = try Files.status(real) else {
      throw Failure("--model \(model)", "there is no such file or folder")
    }
    if status.kind == .folder { return real }
    let unpacked = "\(folder)/model-\(number)"
    try Files.makeFolder(unpacked, mode: 0o700)
    do throws(ArchiveError) {
      var limits = ArchiveLimits()
      limits.maximumBytes = unpackedLimit
      _ = try ArchiveExtractor.extract(real, into: unpacked, limits: limits)
    } catch {
      throw Failure("--model \(model)", error.description, advice: "Give a model's folder or its model.tar.gz.")
    }
    return unpacked
  }

  private static func arguments(_ folders: [String], socket: String) -> [String] {
    let cores = min(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), 16)
    return folders.flatMap { ["--model", $0] } + ["--socket", socket, "--threads", String(cores)]
  }

  private static func launch(_ program: String, _ arguments: [String], folder: String) throws -> pid_t {
    let nothing = try Descriptor.open("/dev/null", O_RDONLY)
    let log = try Descriptor.open("\(folder)/log", O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
    let variables = Terminal.current.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    var step: UnsafePointer<CChar>?
    let pid = withCStrings([program] + arguments) { words in
      withCStrings(variables) { variables in
        program.withCString { file in
          folder.withCString { folder in
            var request = htr_spawn_request()
            (request.file, request.folder) = (file, folder)
            (request.arguments, request.environment) = (words, variables)
            (request.input, request.output) = (nothing.number, log.number)
            // Whatever ends this command ends the worker.
            request.die_with_parent = 1
            return htr_spawn(&request, &step)
          }
        }
      }
    }
    guard pid > 0 else { throw SystemError("start (\(step.map { String(cString: $0) } ?? "fork"))", program) }
    return pid
  }

  private func waitUntilReady() throws {
    let deadline = ContinuousClock.now + Self.loadingTime
    while true {
      // Not answering yet is the usual case here.
      if (try? endpoint.client.ping(timeoutSeconds: 5)) == true { return }
      if hasEnded(within: .milliseconds(20)) { throw failure("the worker ended before it was ready") }
      guard !Interruption.isAsked else { throw ExitStatus.detached }
      guard ContinuousClock.now < deadline else {
        throw failure("the worker is not ready after \(Self.loadingTime.components.seconds) s")
      }
    }
  }

  /// Waits for its end, for so long at most.
  private func hasEnded(within pause: Duration) -> Bool {
    guard !isReaped else { return true }
    var ended = pollfd(fd: htr_pidfd_open(pid), events: Int16(POLLIN), revents: 0)
    // Without a pidfd (an old kernel) poll ignores the entry and only the time passes.
    poll(&ended, 1, Int32(pause / .milliseconds(1)))
    if ended.fd >= 0 { close(ended.fd) }
    isReaped = waitpid(pid, nil, WNOHANG) == pid
    return isReaped
  }

  private func failure(_ why: String) -> Failure {
    // The log is a help only; a failure to read it must not hide the real one.
    let tail = (try? Files.readSuffix("\(folder)/log", limit: 4096)) ?? []
    for line in String(decoding: tail, as: UTF8.self).split(whereSeparator: \.isNewline).suffix(10) {
      Terminal.current.note("  \(Table.plain(String(line)))")
    }
    return Failure(endpoint.name, why, advice: "Its last words are above.", status: .troubled)
  }
}
