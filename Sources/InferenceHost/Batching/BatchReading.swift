import Handwriting
import ImageKit

extension WordReader {
  /// Reads words together; when that fails, each by itself, so that one bad image costs only its own request.
  /// - Returns: one result per word, in order.
  func readEach(_ words: [GreyImage], options: ReadingOptions) -> [Result<WordReading, ReaderFailure>] {
    let together = Result { () throws(ReaderFailure) in try readAll(words, options: options) }
    switch together {
    case .success(let readings): return readings.map { .success($0) }
    case .failure(let failure) where words.count == 1: return [.failure(failure)]
    case .failure:
      return words.map { word in
        Result { () throws(ReaderFailure) in try readAll([word], options: options)[0] }
      }
    }
  }

  private func readAll(_ words: [GreyImage], options: ReadingOptions) throws(ReaderFailure) -> [WordReading] {
    let readings: [WordReading]
    do {
      readings = try read(words, options: options)
    } catch {
      throw ReaderFailure(reason: "\(error)")
    }
    guard readings.count == words.count else {
      throw ReaderFailure(reason: "the model gave \(readings.count) readings for \(words.count) images")
    }
    return readings
  }

  /// Reads an image that is always the same: a model that cannot do this serves nobody.
  func readSelfTest() throws(ReaderFailure) {
    let reading = try readEach([SelfTest.image], options: ReadingOptions())[0].get()
    guard (0...1).contains(reading.best.confidence) else {
      throw ReaderFailure(reason: "the confidence of the self-test is \(reading.best.confidence), not 0 to 1")
    }
  }
}

/// The reader could not read; says why in its own words.
struct ReaderFailure: Error, Sendable, Equatable {
  let reason: String
}

/// The built-in image behind `/ping`.
enum SelfTest {
  /// Three strokes, something like an N, dark on light paper.
  static let image: GreyImage = {
    var image = GreyImage(width: 64, height: 32, shade: 230)
    for y in 6..<26 {
      for x in [20, 20 + (y - 6), 40] {
        for offset in 0..<3 { image[x + offset, y] = 40 }
      }
    }
    return image
  }()
}
