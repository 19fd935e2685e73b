import ImageKit
import Synchronization
import Testing

@testable import Pages

@Suite struct PageReaderTurnTests {
  @Test(arguments: PageTurn.allCases)
  func `turning a page and its points agree`(turn: PageTurn) {
    var page = GreyImage(width: 7, height: 4, shade: 200)
    page[5, 1] = 9
    let place = turn.place(of: Point(x: 5.5, y: 1.5), width: 7, height: 4)
    let image = turn.turned(page)
    #expect((image.width, image.height) == turn.size(width: 7, height: 4))
    #expect(image[Int(place.x), Int(place.y)] == 9)
    #expect(turn.back.turned(image) == page)
    #expect(
      turn.back.place(of: place, width: image.width, height: image.height) == Point(x: 5.5, y: 1.5))
  }

  @Test(arguments: [1, 2, 3])
  func `a page that came turned is read as if it were upright`(quarters: Int) throws {
    let upright = try PageReader(localiser: PatchLocaliser(), reader: PatchReader()).read(
      patchPage())
    let image = turned(patchPage(), quarters: quarters)
    let page = try PageReader(localiser: PatchLocaliser(), reader: PatchReader()).read(image)
    #expect(page.rotation == quarters * 90)
    #expect((page.width, page.height) == (image.width, image.height))
    #expect(page.words.map(\.text) == upright.words.map(\.text))
    #expect(page.words.map(\.line) == upright.words.map(\.line))
    // In coordinates of the page as it came: turned to be upright, each word lies where it lies on the upright page.
    let turn = try #require(PageTurn(rawValue: page.rotation))
    let polygons = page.words.map { word in
      word.polygon.map { turn.place(of: $0, width: image.width, height: image.height) }
    }
    #expect(polygons == upright.words.map(\.polygon))
  }

  @Test(arguments: [1, 3])
  func `without a reader a page on its side is set up by the margin of its lines`(quarters: Int)
    throws
  {
    let page = try PageReader(localiser: PatchLocaliser()).read(
      turned(patchPage(), quarters: quarters))
    #expect(page.rotation == quarters * 90)
    #expect(page.words.map(\.line) == [0, 0, 0, 1, 1, 2, 2, 2, 3])
  }

  @Test func `without a reader a page that is upside down goes unnoticed`() throws {
    #expect(
      try PageReader(localiser: PatchLocaliser()).read(turned(patchPage(), quarters: 2)).rotation
        == 0)
  }

  @Test
  func
    `a page that nobody can read either way is left as it came, after a bounded number of tries`()
    throws
  {
    var page = patchPage()
    for index in page.pixels.indices where page.pixels[index] < 128 { page.pixels[index] = 60 }
    let (localiser, reader) = (PatchLocaliser(), PatchReader())
    let read = try PageReader(localiser: localiser, reader: reader).read(page)
    #expect(read.rotation == 0 && read.words.allSatisfy { $0.text == "?" })
    #expect(localiser.calls.withLock { $0 } == 2)
    #expect(reader.wordsRead <= 9 + 6 * 12)
  }
}
