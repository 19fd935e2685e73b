import Client
import Foundation
import HostKit
import JSONKit
import TestKit
import Testing

/// The notebook's flow with the real SageMaker SDK, from nothing but what `htrctl env` prints.
@Suite struct NotebookTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Jobs/notebook").path

  @Test(.timeLimit(.minutes(5)))
  func `the SDK's PyTorch classes train, attach, deploy and predict`() async throws {
    guard let python = ProcessInfo.processInfo.environment["HTR_TEST_SDK"] else {
      return print("skipped: HTR_TEST_SDK names no Python with the SageMaker SDK")
    }
    try await DaemonFixture.use { daemon in
      var environment = daemon.environment
      environment["HTRCTL"] = try Programs.built("htrctl")
      let answers = HeldAnswers(in: daemon.folder, &environment)
      let shell = #"eval "$("$HTRCTL" env)" && exec "$0" "$1""#
      let finished = try await daemon.finish(
        ChildProcess(
          "/bin/sh", ["-c", shell, python, Python.program("sdk_scenarios.py")], environment: environment),
        within: .seconds(240))
      #expect(finished.code == 0, "\(finished.errors.suffix(4000))\n\(finished.output.suffix(2000))")
      try answers.check(services: ["s3", "sagemaker", "sagemaker-runtime"])
    }
  }

  @Test(.timeLimit(.minutes(6)))
  func `the notebook runs in Jupyter with the SageMaker SDK as it is`() async throws {
    guard let python = ProcessInfo.processInfo.environment["HTR_TEST_SDK"] else {
      return print("skipped: HTR_TEST_SDK names no Python with the SageMaker SDK")
    }
    try await DaemonFixture.use { daemon in
      let work = "\(daemon.folder)/work"
      try Files.makeFolder(work)
      var environment = daemon.environment
      environment["HTRCTL"] = try Programs.built("htrctl")
      environment["MINUTES"] = "0.1"
      environment["PAGES"] = "30"
      environment["WORK"] = work
      let answers = HeldAnswers(in: daemon.folder, &environment)
      let shell = #"eval "$("$HTRCTL" env)" && exec "$0" "$1" "$2/flow.ipynb""#
      let finished = try await daemon.finish(
        ChildProcess(
          "/bin/sh", ["-c", shell, python, Python.program("run_notebook.py"), Self.folder], environment: environment),
        within: .seconds(300))
      #expect(finished.code == 0, "\(finished.errors.suffix(4000))\n\(finished.output.suffix(2000))")
      #expect(finished.output.contains("InService"))
      #expect(finished.output.contains("train:loss"))
      #expect(try Files.read("\(work)/overlay.svg").count > 10_000)
      try answers.check(services: ["s3", "sagemaker", "sagemaker-runtime"])
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `the notebook is made of the script as it is`() async throws {
    guard let python = try await Python.find(boto3: false) else { return print("skipped: there is no python3") }
    let check = try ChildProcess(python, ["\(Self.folder)/make_notebook.py", "--check"])
    #expect(try await check.end() == .code(0), "\(check.errorText)")
  }
}
