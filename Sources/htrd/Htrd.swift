import API
import ArgumentParser
import ControlPlane
import Foundation
import Logging

/// The daemon's entry point: reads the environment, wires the parts, runs until it is told to stop.
@main
struct Htrd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "htrd",
    abstract: "The htr daemon: trains, deploys and serves handwriting models on this machine.",
    discussion: """
      Runs in the foreground; `htrctl daemon start` runs it in the background.
      Environment: HTR_HOME (default ~/.local/share/htr), HTR_LISTEN (default 127.0.0.1:8770),
      HTR_ACCOUNT_ID (default 000000000000), HTR_LOG_LEVEL (default info).
      Settings: HTR_HOME/settings.yaml.
      """, version: Daemon.version)

  func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    let level = environment["HTR_LOG_LEVEL"].flatMap { Logger.Level(rawValue: $0) } ?? .info
    LoggingSystem.bootstrap { label in
      var handler = StreamLogHandler.standardError(label: label)
      handler.logLevel = level
      return handler
    }
    let logger = Logger(label: "htrd")
    do {
      let options = try Self.options(environment)
      let daemon = try await Daemon(options, logger: logger)
      try await Doors(daemon: daemon, logger: logger).run()
    } catch let error as ServiceStartError {
      FileHandle.standardError.write(Data("htrd: \(error)\n".utf8))
      throw ExitCode(1)
    }
  }

  private static func options(_ environment: [String: String]) throws -> Daemon.Options {
    let account = environment["HTR_ACCOUNT_ID"] ?? "000000000000"
    guard account.utf8.count == 12, account.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      throw ServiceStartError("HTR_ACCOUNT_ID must be 12 digits, not '\(account)'.")
    }
    let home =
      environment["HTR_HOME"].flatMap { $0.isEmpty ? nil : $0 }
      ?? "\(environment["HOME"] ?? NSHomeDirectory())/.local/share/htr"
    let absolute = URL(fileURLWithPath: home).standardizedFileURL.path
    let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
    return Daemon.Options(
      home: absolute, listen: environment["HTR_LISTEN"] ?? "127.0.0.1:8770", account: account,
      shimExecutable: "\(folder)/htr-shim", workerExecutable: "\(folder)/htr-worker",
      inferenceExecutable: "\(folder)/htr-inference")
  }
}
