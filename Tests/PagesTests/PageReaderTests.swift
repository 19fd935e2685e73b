import Handwriting
import ImageKit
import Segmentation
import Synchronization
import Testing

@testable import Pages

/// Says that there are words where it was told.
private struct FixedLocaliser: WordLocaliser {
  let regions: [WordRegion]
  func locate(_ page: GreyImage) -> [WordRegion] { regions }
}

private struct Forgetful: WordReader {
  func read(_ words: [GreyImage], options: ReadingOptions) -> [WordReading] { [] }
}

@Suite struct PageReaderTests {
  @Test func `a page's words come in reading order with texts and confidences`() throws {
    let page = try PageReader(localiser: PatchLocaliser(), reader: PatchReader()).read(patchPage())
    #expect((page.width, page.height, page.rotation) == (220, 160, 0))
    #expect(page.words.map(\.line) == [0, 0, 0, 1, 1, 2, 2, 2, 3])
    #expect(page.words.allSatisfy { $0.text == "w" && $0.confidence == 0.95 && $0.score == 0.9 })
    #expect(page.words.first?.polygon == box(20, 20, 60, 32))
  }

  @Test func `without a reader words are found and not read`() throws {
    let reader = PageReader(localiser: PatchLocaliser())
    let page = try reader.read(patchPage())
    #expect(!reader.readsText && page.words.count == 9)
    #expect(page.words.allSatisfy { $0.text == nil && $0.confidence == nil })
  }

  @Test func `more threads change nothing`() throws {
    let one = try PageReader(localiser: PatchLocaliser(), reader: PatchReader()).read(patchPage())
    let many = try PageReader(localiser: PatchLocaliser(), reader: PatchReader(), threads: 4).read(
      patchPage())
    #expect(one == many)
  }

  @Test func `an upright page is looked at once and read once, in one batch`() throws {
    let (localiser, reader) = (PatchLocaliser(), PatchReader())
    _ = try PageReader(localiser: localiser, reader: reader).read(patchPage())
    #expect(localiser.calls.withLock { $0 } == 1)
    #expect(reader.batches.withLock { $0 } == [9])
  }

  @Test func `an empty page has no words and nothing to read`() throws {
    let (localiser, reader) = (PatchLocaliser(), PatchReader())
    let page = try PageReader(localiser: localiser, reader: reader).read(
      GreyImage(width: 50, height: 40, shade: 230))
    #expect(page == ReadPage(width: 50, height: 40, words: []))
    #expect(localiser.calls.withLock { $0 } == 1 && reader.wordsRead == 0)
  }

  @Test(arguments: [(1, 1), (2_000, 1), (7, 300)])
  func `a page too small for a word is not even looked at`(width: Int, height: Int) throws {
    let localiser = PatchLocaliser()
    let page = try PageReader(localiser: localiser).read(
      GreyImage(width: width, height: height, shade: 0))
    #expect(page == ReadPage(width: width, height: height, words: []))
    #expect(localiser.calls.withLock { $0 } == 0)
  }

  @Test func `a word that cannot be cut out stays, with an empty text`() throws {
    let regions = [box(20, 20, 60, 32), box(80, 20, 120, 20)].map {
      WordRegion(polygon: $0, score: 0.5)
    }
    let page = try PageReader(localiser: FixedLocaliser(regions: regions), reader: PatchReader())
      .read(patchPage())
    #expect(page.words.map(\.text).sorted { ($0 ?? "") < ($1 ?? "") } == ["", "w"])
    #expect(page.words.first { $0.text == "" }?.confidence == 0)
  }

  @Test func `very many words are read in bounded batches`() throws {
    let regions = (0..<600).map { index in
      WordRegion(
        polygon: box(index % 30 * 7, index / 30 * 8, index % 30 * 7 + 6, index / 30 * 8 + 4),
        score: 0.5)
    }
    let reader = PatchReader()
    let page = try PageReader(localiser: FixedLocaliser(regions: regions), reader: reader).read(
      patchPage())
    #expect(page.words.count == 600 && page.words.allSatisfy { $0.text != nil })
    #expect(reader.batches.withLock { $0.prefix(3) } == [256, 256, 88])
  }

  @Test func `a model that forgets words is told so`() {
    #expect(throws: PageReadingFault("the model gave 0 readings for 9 words")) {
      try PageReader(localiser: PatchLocaliser(), reader: Forgetful()).read(patchPage())
    }
  }

  @Test func `a page that was shrunk is answered in its own pixels`() throws {
    let page = try PageReader(localiser: PatchLocaliser()).read(patchPage()).scaled(
      toWidth: 440, height: 480)
    #expect((page.width, page.height) == (440, 480))
    #expect(page.words.first?.polygon == box(40, 60, 120, 96))
  }

  @Test func `the text has a line for each line`() throws {
    let page = try PageReader(localiser: PatchLocaliser(), reader: PatchReader()).read(patchPage())
    #expect(page.plainText.split(separator: "\n") == ["w w w", "w w", "w w w", "w"])
  }
}
