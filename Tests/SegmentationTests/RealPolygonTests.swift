import Handwriting
import HostKit
import ImageKit
import Segmentation
import Testing

/// Maps drawn from the polygons of real pages: what post-processing alone loses.
@Suite struct RealPolygonTests {
  static let path =
    "\(Files.realPath(Files.parent(of: #filePath)) ?? ".")/../../../shared/data/pages/test/test.manifest"

  @Test(.enabled(if: Files.exists(path), "no real pages beside the repository"))
  func `nearly all words of real pages come back from their maps`() throws {
    let manifest = try Manifest.read(Self.path)
    var scores = DetectionScores()
    for (number, page) in manifest.pages.enumerated() where number % 12 == 0 || number > 80 {
      let corners = page.words.flatMap(\.polygon)
      let width = corners.reduce(0) { max($0, Int($1.x)) } + 8
      let height = corners.reduce(0) { max($0, Int($1.y)) } + 8
      var drawn = DrawnMaps(width: width / 4 + 1, height: height / 4 + 1)
      for word in page.words { drawn.add(word.polygon) }
      let found = RegionFinder().regions(
        in: drawn.maps(blur: 0.7, noise: 0.3, seed: UInt64(number)), cellWidth: 4, cellHeight: 4, pageWidth: width,
        pageHeight: height)
      scores.add(truth: page.words, found: found, collection: page.collection)
    }
    #expect(scores.overall.hmean > 0.97)
    #expect(scores.averagePrecision().mean > 0.8)
  }
}
