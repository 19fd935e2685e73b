import Foundation
import HostKit
import TestKit
import Testing

/// A short piece of the long soak: random kills of daemon, shims and workers under load.
struct SoakTests {
  @Test(.timeLimit(.minutes(2)))
  func `random kills lose nothing, run nothing twice and leave nothing behind`() async throws {
    let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../..").standardizedFileURL.path
    let soak = "\(repository)/ops/bench/soak"
    let programs = Files.parent(of: try Programs.built("htrd"))
    let process = try ChildProcess(
      soak, ["--rounds", "8", "--seed", "1", "--bin", programs], environment: ProcessInfo.processInfo.environment)
    let exit = try await process.end(within: .seconds(110))
    #expect(exit == .code(0), "\(process.outputText)\n\(process.errorText)")
  }
}
