public import Handwriting
public import ImageKit
public import Segmentation
import Synchronization
import TensorKit

/// Reads whole pages: finds the words, puts them in order, and reads each, where there is a reader.
///
/// A page that came sideways or upside down is noticed and read turned. An upright page pays nothing for that: only
/// words that stand on end, or that hardly anything can be read of, make a page suspect.
public final class PageReader: Sendable {
  /// More pixels along a page's longer side are of no use: words of such a page are as sharp as a reader needs them.
  public static let longerSide = 2_560
  /// A page with a shorter side has no room for a word, in pixels.
  static let leastSide = 8
  /// Words that are cut and read at a time: what they take is bounded, however many there are.
  private static let batch = 256

  let localiser: any WordLocaliser
  let reader: (any WordReader)?
  private let threads: Int

  /// - Parameters:
  ///   - reader: without one, words are found and not read.
  ///   - threads: how many cut words; localiser and reader have threads of their own.
  public init(localiser: any WordLocaliser, reader: (any WordReader)? = nil, threads: Int = 1) {
    self.localiser = localiser
    self.reader = reader
    self.threads = max(1, threads)
  }

  /// Whether words are read, and not only found.
  public var readsText: Bool { reader != nil }

  /// The words of a page, in reading order. Their polygons are those of the page as it is given; `rotation` tells how
  /// far it would have to be turned to be upright.
  ///
  /// A word that cannot be cut out (it is thinner than a pixel) is kept with an empty text of confidence 0: so a page
  /// has the same words, whether they are read or only found.
  /// - Throws: what the models throw; `PageReadingFault` when they do not do what they promise.
  public func read(_ page: GreyImage) throws -> ReadPage {
    guard min(page.width, page.height) >= Self.leastSide else {
      return ReadPage(width: page.width, height: page.height, words: [])
    }
    let asItCame = try located(page, turned: .none)
    guard let reader else {
      return try asItCame.isSideways ? laid(page).readPage : asItCame.readPage
    }
    guard !asItCame.isSideways else {
      let quarter = try located(page, turned: .quarter)
      let best = try mostConfident([quarter, quarter.opposite, asItCame], by: reader)
      return try readWords(of: best.isLocated ? best : located(page, turned: best.turn), by: reader)
    }
    let read = try readWords(of: asItCame, by: reader)
    guard !read.words.isEmpty, Self.confidence(of: read.words) < Self.doubt else { return read }
    let turn = try turn(ofDoubtful: asItCame, page: page, by: reader)
    return turn == .none ? read : try readWords(of: located(page, turned: turn), by: reader)
  }

  /// Finds the words of a page when it is turned.
  func located(_ page: GreyImage, turned turn: PageTurn) throws -> LocatedPage {
    let image = turn.turned(page)
    return LocatedPage(
      image: image, turn: turn, regions: try localiser.locate(image), isLocated: true)
  }

  private func readWords(of page: LocatedPage, by reader: any WordReader) throws -> ReadPage {
    var words = page.orderedWords
    for start in stride(from: 0, to: words.count, by: Self.batch) {
      let range = start..<min(start + Self.batch, words.count)
      let candidates = try readings(of: words[range].map(\.polygon), on: page.image, by: reader)
      for (index, candidate) in zip(range, candidates) {
        words[index].text = candidate?.text ?? ""
        words[index].confidence = candidate?.confidence ?? 0
      }
    }
    return page.readPage(of: words)
  }

  /// What the words in these polygons say; nil for those that cannot be cut out.
  func readings(
    of polygons: [[Point]], on image: GreyImage, by reader: any WordReader
  ) throws -> [WordReading.Candidate?] {
    let crops = cut(polygons, from: image)
    let images = crops.compactMap { $0 }
    guard !images.isEmpty else { return crops.map { _ in nil } }
    let readings = try reader.read(images, options: ReadingOptions())
    guard readings.count == images.count else {
      throw PageReadingFault("the model gave \(readings.count) readings for \(images.count) words")
    }
    var next = readings.makeIterator()
    return crops.map { $0 == nil ? nil : next.next()?.best }
  }

  private func cut(_ polygons: [[Point]], from page: GreyImage) -> [GreyImage?] {
    let crops = Mutex([GreyImage?](repeating: nil, count: polygons.count))
    let next = Atomic(0)
    runSideBySide(min(threads, polygons.count)) { _ in
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < polygons.count else { return }
        let crop = WordCrop.cut(page, polygons[index])
        crops.withLock { $0[index] = crop }
      }
    }
    return crops.withLock { $0 }
  }

  /// The mean over words; what could not be read counts as 0.
  static func confidence(of words: [PageWord]) -> Double {
    words.reduce(0) { $0 + ($1.text?.isEmpty == false ? $1.confidence ?? 0 : 0) }
      / Double(max(1, words.count))
  }
}

/// A model did not keep to its protocol; says in what.
public struct PageReadingFault: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
