import ImageKit
import JSONKit

/// One page of a report to look through.
public struct ShownPage: Sendable {
  /// As the manifest names the image.
  public var name: String
  /// Where the page comes from; nil where nobody tells.
  public var collection: String?
  public var overlay: Overlay
  /// nil where there is none to show; `trouble` says why.
  public var image: EmbeddedImage?
  public var trouble: String?

  public init(
    name: String, collection: String?, overlay: Overlay, image: EmbeddedImage?, trouble: String? = nil
  ) {
    self.name = name
    self.collection = collection
    self.overlay = overlay
    self.image = image
    self.trouble = trouble
  }

  /// What the script of the report reads (`ViewerScript`): a word is
  /// `[text, is readable, line, confidence, [x, y, ...], [x, y, angle, size, length]]`.
  var json: JSON {
    let usual = TextPlace.usualSize(in: overlay)
    let colours = OverlayStyle(colouring: .line)
    let sure = OverlayStyle(colouring: .confidence)
    let words = overlay.words.map { word -> JSON in
      let place = TextPlace(above: word.polygon, usual: usual).map { place -> JSON in
        .array([place.x, place.y, place.angle, place.size, place.length].map(Self.short))
      }
      return .array([
        .string(word.text), .bool(word.isReadable), word.line.map { .integer(Int64($0)) } ?? .null,
        word.confidence.map { .number(Double(Int($0 * 1000)) / 1000) } ?? .null,
        .array(word.polygon.flatMap { [Self.short($0.x), Self.short($0.y)] }), place ?? .null,
        .string(colours.colour(of: word).hex), .string(sure.colour(of: word).hex),
      ])
    }
    return JSON.members([
      "name": .string(name), "source": collection.map { .string($0) }, "width": .integer(Int64(overlay.width)),
      "height": .integer(Int64(overlay.height)), "usual": Self.short(usual), "trouble": trouble.map { .string($0) },
      "type": image.map { .string($0.mediaType) }, "words": .array(words),
    ])
  }

  /// One digit behind the point is a tenth of a pixel: enough, and short.
  private static func short(_ value: Double) -> JSON {
    let tenths = (value * 10).rounded()
    return tenths.truncatingRemainder(dividingBy: 10) == 0 ? .integer(Int64(tenths / 10)) : .number(tenths / 10)
  }
}
