import Glibc
import HostKit
import TestKit
import Testing

/// A scratch folder with an inference script, and `serve.py` that serves it with the real python3.
final class ServingWorker: Sendable {
  static let python = Programs.installed("python3")
  /// Where python3 is missing there is nothing to test; each suite says so.
  static let hint: Comment = "python3 is not installed"

  let base: String
  let process: ChildProcess

  var socket: String { "\(base)/s" }
  var model: String { "\(base)/model" }
  func fifo(_ name: String = "gate") -> String { "\(base)/\(name)" }

  /// - Parameters:
  ///   - script: `inference.py`; `GATE` in it becomes the path of a pipe, which holds up whoever opens it.
  ///   - edit: changes `serve.py`, for shorter times.
  init(
    _ script: String, files: [String: String] = [:], arguments: [String] = [], environment: [String: String] = [:],
    program: String = "inference.py", edit: [String: String] = [:]
  ) throws {
    let temporary = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    base = "\(temporary)/htr-serving-\(Identifier.random(bytes: 6))"
    let code = "\(base)/model/code"
    try Files.makeFolder(code, mode: 0o700)
    guard mkfifo("\(base)/gate", 0o600) == 0 else { throw SystemError("make a pipe", base) }
    for (name, text) in files.merging(["inference.py": script], uniquingKeysWith: { $1 }) where !text.isEmpty {
      try Files.makeFolder(Files.parent(of: "\(code)/\(name)"))
      try Files.write(Self.replacing("GATE", by: "\(base)/gate", in: text), to: "\(code)/\(name)", durable: false)
    }
    var server = Self.server
    if !edit.isEmpty {
      var text = try Files.readText(server)
      for (old, new) in edit { text = Self.replacing(old, by: new, in: text) }
      server = "\(base)/serve.py"
      try Files.write(text, to: server, durable: false)
    }
    let words = [
      "-u", server, "--model-dir", "\(base)/model", "--code-dir", code, "--program", program, "--socket", "\(base)/s",
    ]
    process = try ChildProcess(
      try #require(Self.python), words + arguments,
      environment: ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"].merging(environment) { $1 })
  }

  deinit {
    process.send(SIGKILL)
    // A folder that stays in the scratch space hurts nobody.
    try? Files.remove(base)
  }

  /// serve.py of the working tree that this test was built from.
  static let server: String = {
    let tests = Files.parent(of: #filePath)
    let root = Files.parent(of: Files.parent(of: tests))
    return "\(root)/Sources/ControlPlane/Endpoints/Scripts/serve.py"
  }()

  private static func replacing(_ old: String, by new: String, in text: String) -> String {
    var parts: [Substring] = []
    var rest = text[...]
    while let range = rest.firstRange(of: old) {
      parts.append(rest[..<range.lowerBound])
      rest = rest[range.upperBound...]
    }
    return (parts + [rest]).joined(separator: new)
  }

  /// Waits until it says that it is ready.
  @discardableResult
  func ready() async throws -> ServingWorker {
    try await process.waitUntil("readiness") { output, _ in output.contains("htr: ready") }
    return self
  }

  /// Waits until the script has printed something.
  func printed(_ text: String, times: Int = 1) async throws {
    try await process.waitUntil("\(text) ×\(times)") { output, _ in
      String(decoding: output, as: UTF8.self).ranges(of: text).count >= times
    }
  }

  /// Lets go whoever waits at the gate, or will.
  func open() async throws {
    let path = fifo()
    try await offPool { _ = try Descriptor.open(path, O_WRONLY) }
  }

  /// One request on a connection of its own.
  func ask(
    _ path: String = "/invocations", _ body: String = "x", headers: [String: String] = [:]
  ) async throws -> ServingLine.Answer {
    let line = try ServingLine(self)
    try line.send(
      path == "/ping" ? Array("GET /ping HTTP/1.1\r\n\r\n".utf8) : ServingLine.post(Array(body.utf8), headers))
    return try await line.answer()
  }

  var lastWords: String { process.errorText.split(separator: "\n").last.map(String.init) ?? "" }
}

extension [UInt8] {
  func contains(_ text: String) -> Bool { String(decoding: self, as: UTF8.self).contains(text) }
}
