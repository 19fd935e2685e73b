import Glibc
import HostKit
import Launching
import TestKit
import Testing
import WorkerContract

@Suite(.timeLimit(.minutes(1)))
struct LogFollowerTests {
  private func append(_ text: String, to path: String) throws {
    let file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_APPEND)
    try file.write(Array(text.utf8), path: path)
  }

  /// Follows into a mailbox of all the text so far.
  private func collect(_ follower: LogFollower) -> (seen: Mailbox<String>, task: Task<String, any Error>) {
    let seen = Mailbox<String>()
    let task = Task {
      var text = ""
      for try await chunk in follower {
        text += String(decoding: chunk, as: UTF8.self)
        seen.send(text)
      }
      return text
    }
    return (seen, task)
  }

  @Test func `appended bytes arrive, and the end comes after the last of them`() async throws {
    try await withScratchFolder { home in
      let path = "\(home)/log"
      try append("one\n", to: path)
      let follower = try LogWatch().follow(path: path, from: 0)
      let (seen, task) = collect(follower)
      _ = try await seen.first("the first line") { $0 == "one\n" }
      try append("two\n", to: path)
      _ = try await seen.first("the second line") { $0 == "one\ntwo\n" }
      try append("three", to: path)
      follower.end()
      #expect(try await task.value == "one\ntwo\nthree")
    }
  }

  @Test func `a file that does not exist yet is waited for`() async throws {
    try await withScratchFolder { home in
      let watch = try LogWatch()
      let follower = watch.follow(path: "\(home)/log", from: 0)
      let (seen, task) = collect(follower)
      try append("other", to: "\(home)/other")
      try append("here", to: "\(home)/log")
      _ = try await seen.first("the text") { $0 == "here" }
      follower.end()
      #expect(try await task.value == "here")
    }
  }

  @Test(arguments: [(0, "0123456789"), (4, "456789"), (10, ""), (99, "")])
  func `following begins at the offset`(offset: UInt64, expected: String) async throws {
    try await withScratchFolder { home in
      try append("0123456789", to: "\(home)/log")
      let follower = try LogWatch().follow(path: "\(home)/log", from: offset)
      follower.end()
      #expect(try await collect(follower).task.value == expected)
    }
  }

  @Test func `two followers of one file each get all of it`() async throws {
    try await withScratchFolder { home in
      let path = "\(home)/log"
      try append("a", to: path)
      let watch = try LogWatch()
      let followers = [watch.follow(path: path, from: 0), watch.follow(path: path, from: 0)]
      let readers = followers.map(collect)
      for reader in readers { _ = try await reader.seen.first("a") }
      try append("b", to: path)
      for reader in readers { _ = try await reader.seen.first("both") { $0 == "ab" } }
      followers[0].end()
      #expect(try await readers[0].task.value == "ab")
      try append("c", to: path)
      _ = try await readers[1].seen.first("the third") { $0 == "abc" }
      followers[1].end()
      #expect(try await readers[1].task.value == "abc")
    }
  }

  @Test func `a cancelled follower ends`() async throws {
    try await withScratchFolder { home in
      try append("a", to: "\(home)/log")
      let (seen, task) = collect(try LogWatch().follow(path: "\(home)/log", from: 0))
      _ = try await seen.first("a")
      task.cancel()
      #expect(try await task.value == "a")
    }
  }

  @Test func `a missing folder is an error`() async throws {
    try await withScratchFolder { home in
      let follower = try LogWatch().follow(path: "\(home)/none/log", from: 0)
      await #expect(throws: SystemError.self) { try await collect(follower).task.value }
    }
  }

  @Test func `a worker's line is seen while the worker runs`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt("echo hello; while [ ! -e go ]; do sleep 0.01; done; echo bye")
      let follower = try LogWatch().follow(path: attempt.spec.log, from: 0)
      let (seen, task) = collect(follower)
      let gone = try pad.launch(attempt)
      _ = try await seen.first("the line") { $0 == "hello\n" }
      try Files.write("", to: "\(attempt.folder.base)/go")
      _ = try await gone.first("the shim's end")
      follower.end()
      #expect(try await task.value == "hello\nbye\n")
    }
  }
}
