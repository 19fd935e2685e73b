import Handwriting
import HostKit
import Testing

/// The pages of real handwriting beside the repository, where there are some.
@Suite struct RealManifestTests {
  static let path =
    "\(Files.realPath(Files.parent(of: #filePath)) ?? ".")/../../../shared/data/pages/test/test.manifest"

  @Test(.enabled(if: Files.exists(path), "no real pages beside the repository"))
  func `the real pages read without a fault`() throws {
    let manifest = try Manifest.read(Self.path)
    #expect(manifest.pages.count == 83)
    #expect(manifest.wordCount == 4_245)
    #expect(Set(manifest.pages.compactMap(\.collection)) == ["iam", "iam-ondb", "george-washington", "breta"])
    #expect(manifest.pages.flatMap(\.words).count { !$0.isReadable } == 4)
    let charset = try Charset(texts: manifest.pages.flatMap(\.words).filter(\.isReadable).map(\.text))
    #expect(charset.classCount < 100)
  }
}
