import HostKit
import TestKit
import Testing

/// The models that come with htr, as somebody meets them who has just built it.
@Suite(.timeLimit(.minutes(2))) struct DemoTests {
  /// Words of the sample page that were read, of all.
  private func share(of output: String) throws -> Double {
    let root = String(#filePath.split(separator: "/Tests/")[0])
    let truth = try Files.readText("\(root)/Artifacts/demo/page.txt", limit: 1 << 16).split(
      whereSeparator: \.isWhitespace)
    let read = Set(output.split(whereSeparator: \.isWhitespace))
    return Double(truth.count { read.contains($0) }) / Double(truth.count)
  }

  @Test(arguments: ["research", "free"])
  func `from nothing to text, and away again`(set: String) async throws {
    try await DaemonFixture.use { daemon in
      let demo = try await daemon.cli("demo", "--set", set)
      #expect(demo.code == 0 && demo.errors.contains("From nothing to text in"), "\(demo.errors)")
      #expect(demo.errors.contains("set \(set)"))
      #expect(try share(of: demo.output) > 0.5, "\(demo.output)")
      let again = try await daemon.cli("demo")
      #expect(again.output == demo.output && again.errors.contains("All was up"))
      let other = try await daemon.cli("demo", "--set", set == "free" ? "research" : "free")
      #expect(other.code == 2 && other.errors.contains("htrctl demo --remove"))
      let pages = "\(String(#filePath.split(separator: "/Tests/")[0]))/Artifacts/demo/page.jpg"
      let read = try await daemon.cli("read", pages)
      #expect(read.output == demo.output && read.errors.contains("Reading with demo-page"))
      #expect(try await daemon.cli("demo", "--remove").code == 0)
      #expect(try Files.names(in: "\(daemon.home)/buckets/htr-demo").isEmpty)
      let endpoints = try await daemon.cli("endpoints")
      #expect(!endpoints.output.contains("demo-"))
      let nobody = try await daemon.cli("read", pages)
      #expect(nobody.code == 2 && nobody.errors.contains("htrctl demo"))
    }
  }
}
