import Glibc
import HostKit
import Synchronization

@testable import Commands

/// A folder of one test, removed with it.
final class ScratchFolder: Sendable {
  let path: String

  init() throws {
    path = "/tmp/htrctl-test-\(Identifier.random(bytes: 6))"
    try Files.makeFolder(path, mode: 0o700)
  }

  deinit { try? Files.remove(path) }

  @discardableResult
  func write(_ name: String, _ text: String, mode: UInt32 = 0o644) throws -> String {
    try Files.makeFolder(Files.parent(of: "\(path)/\(name)"))
    try Files.write(text, to: "\(path)/\(name)", mode: mode, durable: false)
    return "\(path)/\(name)"
  }
}

/// What a command printed, and how it ended.
struct Printed {
  let status: Int32
  let output: String
  let notes: String
}

/// Runs a command line of htrctl in this process.
func htrctl(
  _ arguments: [String], home: String, environment: [String: String] = [:], width: Int? = nil
) -> Printed {
  let written = Mutex<(output: [UInt8], notes: [UInt8])>(([], []))
  var terminal = Terminal(
    write: { stream, bytes in
      written.withLock { stream == .output ? $0.output.append(contentsOf: bytes) : $0.notes.append(contentsOf: bytes) }
    },
    width: width, notesOnScreen: false, coloursOutput: false, coloursNotes: false, environment: environment)
  terminal.environment["HTR_HOME"] = home
  let status = Terminal.$current.withValue(terminal) { CommandLineInterface.run(arguments) }
  return written.withLock {
    Printed(
      status: status, output: String(decoding: $0.output, as: UTF8.self),
      notes: String(decoding: $0.notes, as: UTF8.self))
  }
}

/// The daemon's answer about one job.
func recordJSON(
  _ name: String, status: String, secondary: String? = nil, version: Int = 1, more: String = ""
) -> String {
  """
  {"Version":\(version),"TrainingJob":{"TrainingJobName":"\(name)","TrainingJobStatus":"\(status)",\
  "SecondaryStatus":"\(secondary ?? status)","CreationTime":1700000000.5\(more)},\
  "Htr":{"ModelArtifactPath":"/h/model.tar.gz","ModelArtifactSha256":"abc","Runtime":"builtin","Priority":0}}
  """
}

let environmentJSON = """
  {"EndpointUrl":"http://127.0.0.1:8770","AccessKeyId":"AK","SecretAccessKey":"s'k","Region":"us-east-1",\
  "AccountId":"000000000000","Home":"/h","DefaultBucket":"htr-us-east-1-000000000000"}
  """
