import Foundation
import TestKit

/// The interpreter that drives AWS's own Python client.
enum Python {
  /// `HTR_TEST_PYTHON`, else the python3 in PATH; nil when it is absent or (if asked for) has no boto3.
  static func find(boto3: Bool) async throws -> String? {
    let environment = ProcessInfo.processInfo.environment
    guard let program = Programs.installed(environment["HTR_TEST_PYTHON"] ?? "python3") else { return nil }
    let check = boto3 ? "import boto3, sys; print(sys.executable)" : "import sys; print(sys.executable)"
    let process = try ChildProcess(program, ["-c", check], environment: environment)
    guard try await process.end() == .code(0) else { return nil }
    return process.outputText.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// The path of a program of ours beside this file.
  static func program(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Python/\(name)").path
  }
}
