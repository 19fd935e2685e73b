import CHost
import Glibc
import HostKit
import WorkerContract

/// A worker's process that waits just before its program: its identity can be recorded before anything of it runs.
struct WorkerStart {
  /// Why a worker could not be started, in words for people.
  struct Failure: Error {
    let message: String

    init(_ spec: LaunchSpec, _ step: UnsafePointer<CChar>?, code: Int32) {
      let step = step.map { String(cString: $0) } ?? "start"
      let place = step == "folder" ? " in \(spec.workingFolder)" : ""
      let reason = String(cString: strerror(code))
      message = "cannot start \(spec.executable)\(place): \(reason) (\(step))"
    }
  }

  private let spec: LaunchSpec
  private var held = htr_held_child()

  var pid: Int32 { held.pid }

  /// Forks the process: leader of its own session, dying with this one, its environment marked by the token.
  init(_ spec: LaunchSpec, output: Int32) throws(Failure) {
    self.spec = spec
    let input = open("/dev/null", O_RDONLY | O_CLOEXEC)
    defer { close(input) }
    var environment = spec.environment
    environment["HTR_ATTEMPT"] = spec.token
    var step: UnsafePointer<CChar>?
    var held = htr_held_child()
    let code: Int32 = withCStrings(environment.map { "\($0.key)=\($0.value)" }.sorted()) { variables in
      withCStrings([spec.executable] + spec.arguments) { arguments in
        spec.executable.withCString { file in
          spec.workingFolder.withCString { folder in
            var request = htr_spawn_request()
            request.file = file
            request.arguments = arguments
            request.environment = variables
            request.folder = folder
            request.input = input
            request.output = output
            request.oom_score = 500
            request.die_with_parent = 1
            return htr_spawn_held(&request, &held, &step) < 0 ? errno : 0
          }
        }
      }
    }
    guard code == 0 else { throw Failure(spec, step, code: code) }
    self.held = held
  }

  /// Runs the program. Only once.
  mutating func release() throws(Failure) {
    var step: UnsafePointer<CChar>?
    guard htr_release(&held, &step) > 0 else { throw Failure(spec, step, code: errno) }
  }
}
