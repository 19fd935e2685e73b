import HostKit
import Launching
import TestKit
import Testing
import WorkerContract

@Suite(.timeLimit(.minutes(1)))
struct PackingTests {
  @Test func `a successful worker's model and output are packed`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt("echo w > model/weights; echo r > output/data/report")
      let end = try await pad.run(attempt)
      let model = try #require(end.model)
      #expect(model.file == "model.tar.gz" && model.sha256.count == 64)
      #expect(try Files.status(attempt.folder.modelArchive)?.size == model.size)
      #expect(end.output?.file == "output.tar.gz")
      #expect(end.packingFailure == nil)
    }
  }

  @Test func `an empty model is packed, an empty output is not`() async throws {
    try await LaunchPad.use { pad in
      let end = try await pad.run(try pad.attempt("true"))
      #expect(end.model != nil && end.output == nil)
    }
  }

  @Test func `a failed worker keeps its output but no model`() async throws {
    try await LaunchPad.use { pad in
      let end = try await pad.run(try pad.attempt("echo r > output/data/report; exit 1"))
      #expect(end.model == nil && end.output != nil)
    }
  }

  @Test func `a model that is published file by file is not packed`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt("echo w > model/weights") { $0.packsModel = false }
      #expect(try await pad.run(attempt).model == nil)
    }
  }

  @Test func `a model folder that is gone is a packing failure`() async throws {
    try await LaunchPad.use { pad in
      let end = try await pad.run(try pad.attempt("rm -r model"))
      #expect(end.model == nil)
      #expect(end.packingFailure?.contains("model") == true)
    }
  }

  @Test func `a half archive of a killed shim is replaced`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt("echo w > model/weights")
      try Files.write("half", to: "\(attempt.folder.modelArchive).tmp")
      #expect(try await pad.run(attempt).model != nil)
      #expect(!Files.exists("\(attempt.folder.modelArchive).tmp"))
    }
  }
}
