import Glibc
import HostKit
import ImageKit
import Testing

@testable import Segmentation

@Suite struct RegionFinderTests {
  static func box(_ x: Double, _ y: Double, _ width: Double, _ height: Double, degrees: Double = 0) -> [Point] {
    let angle = degrees * .pi / 180
    return [(-1, -1), (1, -1), (1, 1), (-1, 1)].map { (right: Double, down: Double) in
      let (dx, dy) = (right * width / 2, down * height / 2)
      return Point(x: x + dx * cos(angle) - dy * sin(angle), y: y + dx * sin(angle) + dy * cos(angle))
    }
  }

  static func find(
    _ words: [[Point]], blur: Double = 0.7, noise: Double = 0.3, change: (inout WordMaps) -> Void = { _ in }
  ) -> [WordRegion] {
    var drawn = DrawnMaps(width: 80, height: 60)
    for word in words { drawn.add(word) }
    var maps = drawn.maps(blur: blur, noise: noise)
    change(&maps)
    return RegionFinder().regions(in: maps, cellWidth: 4, cellHeight: 4, pageWidth: 320, pageHeight: 240)
  }

  static func overlap(_ region: WordRegion, _ word: [Point]) -> Double {
    Polygon(region.polygon).intersectionOverUnion(with: Polygon(word))
  }

  @Test(arguments: [0, 7, -20, 40] as [Double], [(120.0, 36.0), (60.0, 40.0), (36.0, 60.0)])
  func `a turned word is found with its corners in reading order`(degrees: Double, size: (Double, Double)) throws {
    let word = Self.box(160, 120, size.0, size.1, degrees: degrees)
    let found = Self.find([word])
    try #require(found.count == 1)
    #expect(Self.overlap(found[0], word) > 0.88)
    #expect(found[0].polygon.count == 4)
    #expect(zip(found[0].polygon, word).allSatisfy { hypot($0.x - $1.x, $0.y - $1.y) < 6 })
    #expect(found[0].score > 0.5 && found[0].score <= 1)
  }

  @Test func `words that nearly touch stay apart`() throws {
    let words = [Self.box(90, 60, 100, 30), Self.box(200, 62, 108, 34), Self.box(140, 96, 180, 32)]
    let found = Self.find(words)
    try #require(found.count == 3)
    for word in words { #expect(found.contains { Self.overlap($0, word) > 0.8 }) }
  }

  @Test func `where the text map is blind the middle alone gives the word`() throws {
    let word = Self.box(160, 120, 130, 44)
    let found = Self.find([word], blur: 0, noise: 0) { maps in
      for place in maps.text.indices { maps.text[place] *= 0.45 }
    }
    try #require(found.count == 1)
    #expect(Self.overlap(found[0], word) > 0.7)
  }

  @Test func `a blob of text without a middle is no word and is not taken in`() throws {
    let (word, blob) = (Self.box(100, 120, 90, 30), Self.box(220, 120, 150, 30))
    var drawn = DrawnMaps(width: 80, height: 60)
    drawn.add(word)
    var maps = drawn.maps()
    var others = DrawnMaps(width: 80, height: 60)
    others.add(blob)
    let text = others.maps().text
    for place in text.indices { maps.text[place] = max(maps.text[place], text[place]) }
    let found = RegionFinder().regions(in: maps, cellWidth: 4, cellHeight: 4, pageWidth: 320, pageHeight: 240)
    try #require(found.count == 1)
    #expect(Self.overlap(found[0], word) > 0.6)
  }

  @Test func `ink that the text map does not know is dropped`() {
    let found = Self.find([Self.box(160, 120, 100, 36)]) { maps in
      for place in maps.text.indices { maps.text[place] = 0.05 }
    }
    #expect(found.isEmpty)
  }

  @Test func `a word that a rectangle fits badly gets more corners`() throws {
    // Low at both ends, with one tall letter in the middle: 70 % of the rectangle around it.
    let word = [(40.0, 140.0), (160, 80), (280, 140), (280, 180), (40, 180)].map { Point(x: $0.0, y: $0.1) }
    let found = Self.find([word])
    try #require(found.count == 1)
    #expect((5...12).contains(found[0].polygon.count))
    #expect(Self.overlap(found[0], word) > 0.85)
  }

  @Test func `what reaches over the page's edge is cut off`() throws {
    let found = Self.find([Self.box(10, 8, 90, 30), Self.box(310, 232, 80, 40)])
    try #require(found.count == 2)
    let corners = found.flatMap(\.polygon)
    #expect(corners.allSatisfy { 0...320 ~= $0.x && 0...240 ~= $0.y })
  }

  @Test func `cells need not be square`() throws {
    let word = Self.box(160, 120, 120, 40, degrees: 5)
    var drawn = DrawnMaps(width: 80, height: 60)
    drawn.add(word)
    let found = RegionFinder().regions(
      in: drawn.maps(blur: 0.7), cellWidth: 8, cellHeight: 6, pageWidth: 640, pageHeight: 360)
    try #require(found.count == 1)
    #expect(Self.overlap(found[0], word.map { Point(x: $0.x * 2, y: $0.y * 1.5) }) > 0.88)
  }

  @Test(arguments: [(0, 0), (1, 1), (1, 40), (40, 1)])
  func `maps of any size are answered`(width: Int, height: Int) {
    for value in [0, 1, Float.nan] {
      let cells = [Float](repeating: value, count: width * height)
      let maps = WordMaps(width: width, height: height, kernel: cells, text: cells)
      let found = RegionFinder().regions(
        in: maps, cellWidth: 4, cellHeight: 4, pageWidth: width * 4, pageHeight: height * 4)
      #expect(found.count <= 1)
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: [0.5, 0.7, 1.0])
  func `noise gives a bounded number of words`(highest: Double) {
    var random = SeededRandom(seed: 9)
    let side = 300
    func noise(_ low: Double, _ high: Double) -> [Float] {
      (0..<side * side).map { _ in Float(random.uniform(in: low...high)) }
    }
    let maps = WordMaps(width: side, height: side, kernel: noise(0, highest), text: noise(0.3, 1))
    var settings = RegionFinder.Settings()
    settings.mostRegions = 100
    let found = RegionFinder(settings).regions(
      in: maps, cellWidth: 4, cellHeight: 4, pageWidth: 4 * side, pageHeight: 4 * side)
    #expect(found.count <= 100)
    #expect(zip(found, found.dropFirst()).allSatisfy { $0.score >= $1.score })
  }

  @Test func `pieces are joined where their arms meet`() {
    // A comb, whose teeth meet in the last row only, and a cell apart.
    let rows = ["#.#.#..", "#.#.#.#", "#####..", "......."].map(Array.init)
    let cells = rows.joined().map { $0 == "#" ? Float(1) : 0 }
    let found = KernelComponents(of: WordMaps(width: 7, height: 4, kernel: cells, text: cells), above: 0.5)
    #expect(found.pieces.map(\.cells) == [11, 1])
    #expect(found.labels[0] == 1 && found.labels[4] == 1 && found.labels[13] == 2 && found.labels[1] == 0)
  }

  @Test(arguments: [(80.0, 24.0), (30.0, 30.0), (400.0, 20.0)])
  func `growing undoes shrinking`(width: Double, height: Double) {
    let shrink = WordKernel.shrink(area: width * height, perimeter: 2 * (width + height))
    let (inner, low) = (width - 2 * shrink, height - 2 * shrink)
    #expect(abs(WordKernel.growth(area: inner * low, perimeter: 2 * (inner + low)) - shrink) < 1e-9)
  }

  @Test func `of two outlines of one word the surer is kept`() {
    let words = [Self.box(100, 100, 80, 30), Self.box(104, 101, 80, 30), Self.box(180, 100, 60, 30)]
    let regions = zip(words, [0.9, 0.8, 0.7]).map { word, score in
      (region: WordRegion(polygon: word, score: score), outline: Polygon(word))
    }
    var overlap = RegionOverlap(limit: 0.5, pageWidth: 320, pageHeight: 240)
    #expect(overlap.thin(regions).map(\.score) == [0.9, 0.7])
  }
}
