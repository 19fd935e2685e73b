import Handwriting
import HostKit
import Pages
import Testing

/// The order of real pages (beside the repository, where there are some) from their polygons alone.
@Suite struct ReadingOrderRealTests {
  static let folder = "\(Files.realPath(Files.parent(of: #filePath)) ?? ".")/../../../shared/data/pages"
  static let path = "\(folder)/test/test.manifest"

  private struct Tally {
    var pages = 0
    var exactPages = 0
    var pairs = 0
    var keptPairs = 0
    var errors = 0
    var characters = 0

    mutating func add(_ order: [PageWord], truth: [WordAnnotation], numbers: [Int]) {
      pages += 1
      exactPages += numbers == Array(truth.indices) ? 1 : 0
      pairs += max(truth.count - 1, 0)
      keptPairs += zip(numbers, numbers.dropFirst()).count { $1 == $0 + 1 }
      let text = truth.map(\.text).joined(separator: " ")
      errors += EditDistance.characters(order.compactMap(\.text).joined(separator: " "), text)
      characters += text.count
    }
  }

  /// Thresholds are below what was measured when they were set, so that only a loss is seen.
  @Test(.enabled(if: Files.exists(path), "no real pages beside the repository"))
  func `real pages are read in order`() throws {
    var tallies: [String: Tally] = [:]
    for (number, page) in try Manifest.read(Self.path).pages.enumerated() {
      var random = SeededRandom(seed: 1, stream: UInt64(number))
      let words = page.words.enumerated().map { PageWord(polygon: $1.polygon, score: Double($0), text: $1.text) }
      let order = ReadingOrder.arrange(words.shuffled(using: &random))
      tallies[page.collection ?? "?", default: Tally()].add(
        order, truth: page.words, numbers: order.map { Int($0.score) })
    }
    for (source, least) in ["iam": 0.95, "iam-ondb": 0.93, "george-washington": 0, "breta": 0] {
      let tally = try #require(tallies[source])
      #expect(Double(tally.exactPages) >= least * Double(tally.pages), "\(source): \(tally)")
      #expect(Double(tally.keptPairs) >= 0.985 * Double(tally.pairs), "\(source): \(tally)")
      #expect(Double(tally.errors) <= 0.01 * Double(tally.characters), "\(source): \(tally)")
    }
  }
}
