import Handwriting
import HostKit
import ImageKit
import Synthesis
import TestKit
import Testing
import WorkerContract

@testable import BuiltInAlgorithms

/// How channels become words.
struct RecognitionDataTests {
  /// A page with dark bars of different widths, each a word.
  private static func write(_ name: String, bars: [Int], to folder: String) throws -> PageAnnotation {
    var image = GreyImage(width: 400, height: 60, shade: 240)
    var words: [WordAnnotation] = []
    var left = 10
    for width in bars {
      for y in 20..<40 { for x in left..<left + width where (x + y) % 3 == 0 { image[x, y] = 20 } }
      let (l, r) = (Double(left), Double(left + width))
      words.append(
        WordAnnotation(
          text: "w\(width)", polygon: [Point(x: l, y: 20), Point(x: r, y: 20), Point(x: r, y: 40), Point(x: l, y: 40)]))
      left += width + 20
    }
    try Files.makeFolder(folder)
    try Files.write(try ImageEncoder.png(image), to: "\(folder)/\(name)", durable: false)
    return PageAnnotation(source: name, words: words)
  }

  private static func write(_ pages: [PageAnnotation], to path: String) throws {
    try Files.makeFolder(Files.parent(of: path))
    try Files.write(pages.map { Manifest.line(for: $0) + "\n" }.joined(), to: path, durable: false)
  }

  @Test func `a page's words are cut out in the manifest's order`() async throws {
    try await withScratchFolder { folder in
      let pages = [
        try Self.write("b.png", bars: [60, 30, 90], to: folder), try Self.write("a.png", bars: [40, 20], to: folder),
      ]
      var set = WordSet()
      try set.add(Manifest(pages: pages), folder: folder, onFault: .stop)
      #expect(set.images == 2)
      #expect(set.samples.map(\.text) == ["w60", "w30", "w90", "w40", "w20"])
      for sample in set.samples {
        // With the margin of a crop around it, and no more.
        let width = try #require(Int(sample.text.dropFirst()))
        #expect((width...(width + 6)).contains(sample.ink.width) && (20...26).contains(sample.ink.height))
        #expect(sample.ink.pixels.contains { $0 > 200 })
      }
    }
  }

  @Test(.enabled(if: HandwrittenWords.canBeTrained, HandwrittenWords.skipped))
  func `each word of a written page has its ink`() async throws {
    try await withScratchFolder { folder in
      let page = try HandwrittenWords.page()
      try Files.write(try ImageEncoder.png(page.image), to: "\(folder)/page.png", durable: false)
      var set = WordSet()
      try set.add(
        Manifest(pages: [PageAnnotation(source: "page.png", words: page.words, collection: "synthetic")]),
        folder: folder, onFault: .stop)
      #expect(set.samples.map(\.text) == page.words.map(\.text) && set.samples.count > 5)
      #expect(set.samples.allSatisfy { $0.collection == "synthetic" && $0.ink.height <= WordSet.inkHeight })
      #expect(set.samples.allSatisfy { $0.ink.pixels.count { $0 > 128 } > 10 })
    }
  }

  @Test func `what is left out is counted by its reason, and the first faults kept`() async throws {
    try await withScratchFolder { folder in
      var page = try Self.write("a.png", bars: [40, 20], to: folder)
      page.words[0].text = "%SC%"
      page.words.append(WordAnnotation(text: "far", polygon: [1, 2, 3].map { Point(x: 5000 + $0, y: 5000 + $0 * $0) }))
      let gone = (0..<30).map { PageAnnotation(source: "gone-\($0).png", words: page.words) }
      var set = WordSet()
      try set.add(Manifest(pages: [page] + gone), folder: folder, onFault: .skip)
      #expect(set.samples.map(\.text) == ["w20"])
      #expect(
        set.skipped == [
          "words without text (%…%)": 1, "words whose polygon has no area in the image": 1,
          "images that cannot be read": 30,
        ])
      #expect(set.faults.count == 20 && set.faults[0].hasPrefix("\(folder)/gone-0.png: "))
      let fault = #expect(throws: WordSetFault.self) {
        var set = WordSet()
        try set.add(Manifest(pages: [page] + gone), folder: folder, onFault: .stop)
      }
      #expect(fault?.description.hasPrefix("\(folder)/gone-0.png: ") == true)
    }
  }

  @Test func `each channel has its part, and manifests in folders name images beside them`() async throws {
    try await withScratchFolder { folder in
      let layout = TrainingLayout(base: folder)
      for (channel, bars) in [("train", [30, 40]), ("train-more", [50]), ("validation", [60]), ("test", [70])] {
        let place = "\(layout.channel(channel))/deep"
        try Self.write([Self.write("a.png", bars: bars, to: place)], to: "\(place)/words.jsonl")
      }
      try Files.makeFolder(layout.channel("texts"))
      try Files.write("one two\nthree\n", to: "\(layout.channel("texts"))/some.txt", durable: false)
      let data = try RecognitionData(layout, onFault: .stop)
      #expect(data.train.samples.map(\.text) == ["w30", "w40", "w50"])
      #expect(data.validation.samples.map(\.text) == ["w60"] && data.test.samples.map(\.text) == ["w70"])
      #expect(data.texts == ["one", "two", "three"])
      #expect(data.manifests.count == 4 && data.manifests[0] == "test/deep/words.jsonl")
      #expect(try RecognitionData(layout, onFault: .stop).digest == data.digest)
      try Files.write("one two\nthirty\n", to: "\(layout.channel("texts"))/some.txt", durable: false)
      #expect(try RecognitionData(layout, onFault: .stop).digest != data.digest)
    }
  }

  private static func data(_ counts: [String: Int]) async throws -> RecognitionData {
    try await withScratchFolder { folder in
      let layout = TrainingLayout(base: folder)
      try Self.write([], to: "\(layout.channel("train"))/none.manifest")
      var data = try RecognitionData(layout, onFault: .stop)
      let ink = InkImage(width: 1, height: 1, pixels: [0])
      let samples = counts.sorted { $0.key < $1.key }.flatMap { source, count in
        (0..<count).map { WordSample(ink: ink, text: "\(source)\($0)", collection: source) }
      }
      data.train = WordSet(samples: samples)
      return data
    }
  }

  struct Balance: Sendable {
    var counts: [String: Int]
    var leastShare: Double
    var balanced: [String: Int]
  }

  @Test(arguments: [
    Balance(counts: ["large": 90, "small": 10], leastShare: 0.3, balanced: ["large": 90, "small": 30]),
    Balance(counts: ["large": 99, "tiny": 1], leastShare: 0.5, balanced: ["large": 99, "tiny": 8]),
    Balance(counts: ["large": 90, "small": 10], leastShare: 0, balanced: ["large": 90, "small": 10]),
    Balance(counts: ["one": 50, "other": 50], leastShare: 0.3, balanced: ["one": 50, "other": 50]),
    Balance(counts: ["only": 5], leastShare: 0.5, balanced: ["only": 5]),
  ])
  func `words of small sources are repeated until they make a share, but not for ever`(balance: Balance) async throws {
    let words = try await Self.data(balance.counts).balancedTrain(leastShare: balance.leastShare)
    #expect(Dictionary(grouping: words) { $0.collection ?? "" }.mapValues(\.count) == balance.balanced)
  }

  @Test(arguments: [(100, 0.1, 10), (2, 0.01, 1), (1, 0.5, 0), (10, 0, 0), (10, 0.5, 5)])
  func `a share of the training words is held out, the same for the same seed`(
    count: Int, share: Double, expected: Int
  ) async throws {
    let all = try await Self.data(["one": count])
    var (first, second) = (all, all)
    first.holdOut(share: share, seed: 3)
    second.holdOut(share: share, seed: 3)
    #expect(first.validation.samples.count == expected && first.train.samples.count == count - expected)
    #expect(first.validation.samples == second.validation.samples && first.train.samples == second.train.samples)
    let texts = (first.validation.samples + first.train.samples).map(\.text)
    #expect(Set(texts) == Set(all.train.samples.map(\.text)))
  }
}
