import Foundation
import HostKit
import Synthesis
import TestKit
import Testing

/// That there are none, for whatever reason, skips the tests.
private let hasHandwritingFonts = (try? FontFolder.files().isEmpty) == false

/// The recipes of Jobs/, with little data and little time.
@Suite(.serialized, .enabled(if: hasHandwritingFonts, "no handwriting fonts"), .timeLimit(.minutes(4)))
struct RecipeTests {
  private static let jobs = String(#filePath.split(separator: "/Tests/")[0]) + "/Jobs"

  /// Runs a recipe's script with `htrctl` in its PATH.
  private func run(
    _ recipe: String, _ arguments: [String], on daemon: DaemonFixture, _ variables: [String: String] = [:]
  ) async throws -> Finished {
    var environment = daemon.environment.merging(variables) { _, given in given }
    environment["PATH"] = "\(Files.parent(of: try Programs.built("htrctl"))):\(environment["PATH"] ?? "")"
    return try await daemon.finish(
      ChildProcess("\(Self.jobs)/\(recipe)/run", arguments, environment: environment, folder: daemon.folder),
      within: .seconds(200))
  }

  private func synthesise(_ daemon: DaemonFixture, words: Int = 0, pages: Int = 0) async throws -> String {
    let data = "\(daemon.folder)/data-\(words)-\(pages)"
    let made = try await daemon.cli(
      "data", "synthesise", "--to", data, "--words", "\(words)", "--pages", "\(pages)", "--test", "0.25")
    #expect(made.code == 0, "\(made.errors)")
    return data
  }

  @Test func `own pages become an endpoint that is asked for the test pages`() async throws {
    try await DaemonFixture.use { daemon in
      let data = try await synthesise(daemon, pages: 8)
      let run = try await run("own-pages", [data, "mine"], on: daemon, ["MINUTES": "0.05"])
      #expect(run.code == 0, "\(run.errors.suffix(2000))")
      #expect(run.output.contains("WORDS READ") && run.output.contains("--page-endpoint mine"))
      try await daemon.inService("mine")
      #expect(try await daemon.cli("delete", "endpoint", "mine", "--wait").code == 0)
    }
  }

  @Test func `a sweep tells its jobs by their test scores`() async throws {
    try await DaemonFixture.use { daemon in
      let data = try await synthesise(daemon, words: 60)
      let run = try await run(
        "sweep", [data], on: daemon, ["MINUTES": "0.05", "RATES": "0.001 0.002", "SWEEP": "trial"])
      #expect(run.code == 0, "\(run.errors.suffix(2000))")
      #expect(run.output.contains("Best: trial-") && run.output.contains("trial-2  Completed"), "\(run.output)")
    }
  }

  @Test func `an earlier model is tuned, and a batch of pages goes through the demo's`() async throws {
    try await DaemonFixture.use { daemon in
      let data = try await synthesise(daemon, words: 60)
      let model = "\(Self.jobs)/../Artifacts/demo/free/text-recognition.tar.gz"
      let tuned = try await daemon.cli(
        "fit", "\(Self.jobs)/fine-tune/job.yaml", "--name", "tuned", "--set", "DATA=\(data)", "--set",
        "MODEL=\(Files.realPath(model) ?? model)", "--set", "MINUTES=0.05", within: .seconds(120))
      #expect(tuned.code == 0 && tuned.output.contains("Training finished"), "\(tuned.errors.suffix(2000))")

      let demo = try await daemon.cli("demo", "--set", "free")
      #expect(demo.code == 0, "\(demo.errors)")
      let pages = try await synthesise(daemon, pages: 4)
      let run = try await run("batch", ["demo-page", "\(pages)/images", "\(daemon.folder)/out"], on: daemon)
      #expect(run.code == 0 && run.output.contains("4 answers"), "\(run.errors.suffix(2000))")
      #expect(try await daemon.cli("demo", "--remove").code == 0)
    }
  }
}
