import HostKit
import ImageKit
import Reports

/// Pictures of single words, cut out of their pages.
enum OutcomeCrops {
  private static let height = 56
  private static let quality = 75
  /// Share of the word's height on each side: some of its surroundings tell why it was misread.
  private static let margin = 0.25

  /// One for each outcome, in order; nil where the page cannot be seen. Each page is decoded once, one at a time.
  /// - Parameter folder: the manifest's, absolute.
  static func cut(_ outcomes: [WordOutcome], folder: String) -> [EmbeddedImage?] {
    var crops = [EmbeddedImage?](repeating: nil, count: outcomes.count)
    for (source, indices) in Dictionary(grouping: outcomes.indices, by: { outcomes[$0].source }) {
      guard case .file(let path) = ImagePlace(source: source, folder: folder),
        // A page that cannot be decoded any more leaves its words without pictures; the numbers are not touched.
        let page = try? ImageDecoder.grey(Files.read(path, limit: ImageLimits.standard.maximumBytes)).image
      else { continue }
      for index in indices {
        guard let crop = WordCrop.cut(page, outcomes[index].polygon, maximumHeight: height, margin: margin) else {
          continue
        }
        // Only a crop beyond JPEG's limits is refused, and crops are bounded far below.
        crops[index] = try? EmbeddedImage(crop, quality: quality)
      }
    }
    return crops
  }
}
