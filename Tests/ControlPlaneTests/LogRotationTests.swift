import Glibc
import HostKit
import Logging
import TestKit
import Testing

@testable import ControlPlane

@Suite struct LogRotationTests {
  @Test func `a long log is turned over and no line is lost`() async throws {
    try await withScratchFolder { folder in
      let path = "\(folder)/htrd.log"
      let log = try Descriptor.open(path, O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
      let twin = try Descriptor.open(path, O_WRONLY | O_APPEND)
      let rotation = LogRotation(path: path, logger: Logger(label: "t"), error: log.number, output: twin.number)
      try log.write(Array("first\n".utf8), path: path)
      #expect(try !rotation.rotate(longest: 6))
      try log.write(Array("second\n".utf8), path: path)
      #expect(try rotation.rotate(longest: 6))
      try log.write(Array("third\n".utf8), path: path)
      try twin.write(Array("fourth\n".utf8), path: path)
      #expect(try Files.readText("\(path).1") == "first\nsecond\n")
      #expect(try Files.readText(path) == "third\nfourth\n")
    }
  }

  @Test func `a log that somebody else writes is left alone`() async throws {
    try await withScratchFolder { folder in
      let path = "\(folder)/htrd.log"
      try Files.write("long enough\n", to: path)
      let other = try Descriptor.open("\(folder)/other", O_WRONLY | O_CREAT, mode: 0o600)
      let rotation = LogRotation(path: path, logger: Logger(label: "t"), error: other.number, output: other.number)
      #expect(try !rotation.rotate(longest: 1) && !Files.exists("\(path).1"))
    }
  }
}
